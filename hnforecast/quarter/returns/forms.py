"""Forms as data: what a return holds, in which order, with which units and signs, and where each cell comes from.

A form is a YAML file in inputs/templates/forms/; a council's own comes before the one shipped with the program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field

from hnforecast.assumptions.fields import Number, Strict, Text
from hnforecast.assumptions.settings import read_settings_file
from hnforecast.base.errors import InputError, Place, Problem, Problems, UsageError, show_path
from hnforecast.base.shipped import shipped_folder

# What must hold inside a form before any figure is put into it.

NAME_LIMIT = 31
PER_YEAR = {"Q": 4, "T": 3}


def check_form(definition: FormFile, sections: Sequence[Section], at: Callable[..., Place], problems: Problems) -> None:
    """Keys used once, sheet names that fit, sums and ties that name rows, columns and tables there are."""
    tables: dict[str, TableForm] = {}
    sheets: dict[str, str] = {}
    for section in sections:
        if len(section.sheet) > NAME_LIMIT or set(section.sheet) & set("[]:*?/\\'"):
            do = f"Use at most {NAME_LIMIT} characters, none of [ ] : * ? / \\ '."
            problems.add(
                "HN703", "A sheet cannot have this name", at("sections", section.key), found=section.sheet, do=do
            )
        if section.sheet.lower() in sheets:
            problems.add("HN703", "Two sections have one sheet", at("sections", section.key), found=section.sheet)
        sheets[section.sheet.lower()] = section.key
        for table in section.tables:
            if table.key in tables:
                problems.add("HN703", "Two tables have one key", at("sections", section.key), found=table.key)
            tables[table.key] = table
            _check_table(table, at, problems)
    for position, tie in enumerate(definition.ties):
        for reference in (tie.left, tie.right):
            _check_reference(reference, tables, at("ties", position), problems)
    periods = definition.periods
    for name in ("quarters", "due"):
        given = getattr(periods, name)
        if (periods.kind == "T" and name == "quarters" and given is None) or (
            given is not None and len(given) != PER_YEAR[periods.kind]
        ):
            expected = f"{PER_YEAR[periods.kind]} of them"
            problems.add("HN703", f"`{name}` must be given for each period of a year", at("periods"), expected=expected)


def _check_table(table: TableForm, at: Callable[..., Place], problems: Problems) -> None:
    place = at(table.key)
    if not table.columns and table.across is None:
        problems.add("HN703", "A table has no columns", place, expected="`columns`, or `across`")
    keys = [column.key for column in table.columns]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        problems.add("HN703", "Two columns have one key", place, found=key)
    for cast in table.casts:
        for key in (cast.column, *(part.removeprefix("-") for part in cast.sum)):
            if key not in keys:
                problems.add("HN703", "A cast names a column that is not there", place, found=key)
    rows = [row.key for row in table.rows.listed or ()]
    for key in sorted({key for key in rows if rows.count(key) > 1}):
        problems.add("HN703", "Two rows have one key", place, found=key)
    for row in table.rows.listed or ():
        for part in row.sum or ():
            if part.removeprefix("-") not in rows:
                problems.add("HN703", "A row is the sum of a row that is not there", place, found=f"{row.key}: {part}")
    for key in table.chart.rows if table.chart else ():
        if table.rows.listed is not None and key not in [*rows, "total"]:
            problems.add("HN703", "A chart shows a row that is not there", place, found=key)


def _check_reference(reference: Reference, tables: dict[str, TableForm], place: Place, problems: Problems) -> None:
    given = [name for name in ("table", "source", "last") if getattr(reference, name) is not None]
    if len(given) != 1:
        expected = "one of `table`, `source` and `last`"
        problems.add("HN703", "A tie must say where each figure is", place, found=", ".join(given), expected=expected)
        return
    name = getattr(reference, given[0])
    if given[0] == "source":
        return
    table = tables.get(name)
    if table is None:
        problems.add("HN703", "A tie names a table that is not there", place, found=name)
        return
    columns = [column.key for column in table.columns]
    if table.across is None and reference.column not in columns and "{" not in reference.column:
        problems.add(
            "HN703",
            "A tie names a column that is not there",
            place,
            found=reference.column,
            expected=", ".join(columns),
        )
    rows = [row.key for row in table.rows.listed or ()]
    if rows and reference.row is not None and reference.row not in [*rows, "total"]:
        problems.add(
            "HN703", "A tie names a row that is not there", place, found=reference.row, expected=", ".join(rows)
        )


Unit = Literal["text", "gbp", "plans", "places", "count", "percent", "weeks", "share", "month", "date"]
Sign = Literal["any", "positive", "negative", "row"]  # "row": the sign the row has
SHARED_UNITS = ("text", "month", "date")


class _Aliased(Strict):
    model_config = ConfigDict(populate_by_name=True)


class Column(_Aliased):
    """One column of a table: what stands above it, its unit and sign, and the column of the source it is read from."""

    key: Text
    label: Text
    unit: Unit
    sign: Sign = "any"
    source: Text | None = None
    choices: list[Text] | None = None
    longest: int | None = None
    blank: Text | None = None
    total: bool = True
    entry: bool = False
    width: int | None = None


class Across(Strict):
    """Columns made from the values of a source column, such as one a year."""

    by: Text
    value: Text
    unit: Unit
    sign: Sign = "row"
    status: Text | None = None
    blank: Text | None = None


class Row(_Aliased):
    """One row given by the form; with `sum` it is worked out from other rows, a minus before those taken away."""

    key: Text
    label: Text
    sign: Sign = "any"
    sum: list[Text] | None = None


class Rows(_Aliased):
    """Which rows a table has: those of the source in its order, or those listed."""

    by: list[Text]
    title: Text | None = None
    listed: list[Row] | None = Field(default=None, alias="list")
    add: bool = False


class Chart(Strict):
    """A native chart below a table: one series a row, over the columns."""

    kind: Literal["line", "column"]
    title: Text
    rows: list[Text]
    describe: Text


class Cast(Strict):
    """A column that is, in every row, the sum of others, a minus before those taken away."""

    column: Text
    sum: list[Text]
    tolerance: Number = 0.01


class TableForm(_Aliased):
    """One table of a section."""

    key: Text
    title: Text
    source: Text
    where: dict[str, Any] | None = None
    rows: Rows
    columns: list[Column] = Field(default_factory=list)
    across: Across | None = None
    casts: list[Cast] = Field(default_factory=list)
    total: Text | None = None
    whole: bool = False
    none: Text | None = None
    note: Text | None = None
    chart: Chart | None = None


class Each(Strict):
    """One copy of a repeated section."""

    number: Text
    title: Text
    sheet: Text
    key: Text
    group: Text
    keep: list[Text] | None = None


class Section(_Aliased):
    """One section: a sheet of the workbook."""

    key: Text
    number: Text
    title: Text
    sheet: Text
    purpose: Text
    tables: list[TableForm]
    each: list[Each] | None = None


class SignOff(Strict):
    """One line of the sign-off block."""

    role: Text
    statement: Text


class Reference(_Aliased):
    """A figure of this return, of a source, or of the return before: one cell, or the sum of a column."""

    table: Text | None = None
    source: Text | None = None
    last: Text | None = None
    row: Text | None = None
    column: Text
    where: dict[str, Any] | None = None


class Tie(Strict):
    """Two figures that must be equal.

    `{year}`, `{last_year}` and `{next_january}` stand for the financial year of the return, the one before, and the
    January inside it. With `each`, the tie is
    made for every column of the left table, and `{each}` stands for it. With
    `where_known`, there is nothing to tie where the left figure is blank, which the form explains elsewhere.
    """

    what: Text
    left: Reference
    right: Reference
    tolerance: Number = 0.5
    each: bool = False
    where_known: bool = False
    when: Literal["always", "same_year", "new_year"] = "always"


class Periods(Strict):
    """When the form is made."""

    kind: Literal["Q", "T"]
    quarters: list[Text] | None = None
    due: list[Text] | None = None


class Rating(Strict):
    """How far, in percent of what was agreed, a headline may be adverse and still be green or amber."""

    green_pct: Number
    amber_pct: Number


class FormFile(_Aliased):
    """A form as its file has it."""

    form: Text
    version: int
    title: Text
    standing: Text
    provisional: bool = False
    periods: Periods
    needs: list[Literal["monitoring", "agreement", "unmitigated"]] = Field(default_factory=list)
    sign_off: list[SignOff]
    rating: Rating = Rating(green_pct=1.0, amber_pct=5.0)
    notes: list[Text] = Field(default_factory=list)
    narrative: dict[str, int] = Field(default_factory=dict)
    sections: list[Section]
    ties: list[Tie] = Field(default_factory=list)


@dataclass(frozen=True)
class Form:
    """A form ready to use: repeated sections written out, and the hash of its file."""

    definition: FormFile
    sections: tuple[Section, ...]
    file: str
    sha256: str

    @property
    def name(self) -> str:
        """The form's name, as on the command line."""
        return self.definition.form


def form_folders(root: Path) -> tuple[Path, ...]:
    """Where forms lie: the council's own folder, then the one shipped."""
    return (root / "inputs" / "templates" / "forms", shipped_folder("templates") / "forms")


def list_forms(root: Path) -> dict[str, Path]:
    """Every form by name, the council's own before the shipped one."""
    found: dict[str, Path] = {}
    for folder in form_folders(root):
        for path in sorted(folder.glob("*.yaml")):
            found.setdefault(path.stem, path)
    return found


def load_form(root: Path, name: str) -> Form:
    """Read a form.

    Raises:
        UsageError: there is no such form.
        InputError: every fault of its file, with line and column.
    """
    import difflib

    known = list_forms(root)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        do = f"Did you mean {near[0]!r}?" if near else ""
        raise UsageError(Problem("HN702", f"There is no form {name!r}", expected=", ".join(known), do=do))
    return read_form(known[name], root)


def read_form(path: Path, root: Path) -> Form:
    """Read one form file; see `load_form`."""
    file = show_path(path, root)
    definition, yaml = read_settings_file(path.read_bytes(), file, FormFile, path.stem)
    found = Problems(InputError)
    if definition.form != path.stem:
        place = yaml.place(("form",))
        found.add("HN703", "A form is not named as its file", place, found=definition.form, expected=path.stem)
    sections = tuple(copy for section in definition.sections for copy in _written_out(section))
    check_form(definition, sections, lambda *keys: Place(file=file, path=".".join(map(str, keys))), found)
    found.raise_any()
    return Form(definition, sections, file, yaml.sha256)


def _written_out(section: Section) -> list[Section]:
    """A section, or its copies where it is repeated: {group} and {keep} are filled in."""
    if section.each is None:
        return [section]
    copies = []
    for one in section.each:
        tables = [_copied(table, one) for table in section.tables]
        change = {"key": f"{section.key}_{one.key}", "number": one.number, "title": one.title, "sheet": one.sheet}
        copies.append(section.model_copy(update={**change, "tables": tables, "each": None}))
    return copies


def _copied(table: TableForm, one: Each) -> TableForm:
    where = dict(table.where or {})
    for name, value in where.items():
        where[name] = one.group if value == "{group}" else one.keep if value == "{keep}" else value
    where = {name: value for name, value in where.items() if value is not None}
    rows = table.rows
    if rows.listed is not None and one.keep is not None and "age_band" in rows.by:
        rows = rows.model_copy(update={"listed": [row for row in rows.listed if row.key in one.keep]})
    title = table.title.replace("{group}", one.group)
    return table.model_copy(update={"key": f"{table.key}_{one.key}", "where": where, "rows": rows, "title": title})
