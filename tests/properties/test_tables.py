"""Whatever is written is read back equal, or refused: never silently different."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from pathlib import Path

import openpyxl
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hnforecast.base.errors import InputError, Problems
from hnforecast.inputs import Column, read_table, read_workbook_table
from hnforecast.inputs.columns import Kind

NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-(10**12), 10**12).map(float)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ANYTHING = TEXTS | NUMBERS.map(repr) | st.integers().map(str) | st.sampled_from(
    ["1,234", "12,34", "(5)", "5-", "-5", "£7", "7%", "1e5", "NA", "nan", "inf", "Mar-25", "00301", "z", "Total", "",
     " 5 ", "1.0", "2025-26", "2025-04", "2025-04-01", "01/04/2025", "TRUE", "=1+1", "1 234", "1.234,5", "٣", "0x10"]
)  # fmt: skip


def is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def round_trip(rows: list[list[str]], columns: list[Column], delimiter: str = ",", encoding: str = "utf-8", **options):
    """The table as read from a file of these rows, or None where it was refused."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([column.name for column in columns])
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        try:
            return read_table(path, columns, root=Path(folder), **options)
        except InputError:
            return None


@given(st.lists(st.tuples(TEXTS, NUMBERS), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_numbers_come_back_equal_or_not_at_all(rows, delimiter):
    columns = [Column("label", required=False), Column("value", "number", low=-math.inf, high=math.inf)]
    read = round_trip([[label, repr(value)] for label, value in rows], columns, delimiter)
    if read is not None:
        assert [(float(value), math.copysign(1, value)) for value in read["value"]] == [
            (value, math.copysign(1, value)) for _, value in rows
        ]
        assert read["label"].tolist() == [label.strip() for label, _ in rows]


@given(st.integers(-(10**20), 10**20), st.booleans())
def test_counts_come_back_equal_or_not_at_all(count, thousands):
    read = round_trip([[f"{count:,}" if thousands else str(count)]], [Column("plans", "whole")])
    assert (read is None) == (not 0 <= count <= 10**9)
    if read is not None:
        assert read["plans"].tolist() == [count]


@given(st.decimals(-10_000_000, 10_000_000, places=2), st.sampled_from(["{}", "£{}", "({})", "{}-", "-£{}", "£-{}"]))
def test_money_means_what_its_signs_say(amount, style):
    written = f"{abs(amount):,.2f}"
    read = round_trip([[style.format(written)]], [Column("gbp", "money")])
    negative = style not in ("{}", "£{}")
    assert read is not None
    assert read["gbp"].tolist() == [-float(abs(amount)) if negative else float(abs(amount))]


@given(st.lists(TEXTS, min_size=1, max_size=6, unique_by=lambda text: text.strip()))
@example(["00301", "301"])
@example(["NA", "null"])
def test_identifiers_come_back_letter_for_letter(identifiers):
    read = round_trip([[text, "1"] for text in identifiers], [Column("code", "code"), Column("plans", "whole")])
    if read is not None:
        assert read["code"].tolist() == [text.strip() for text in identifiers]


KINDS: tuple[Kind, ...] = (
    "text", "code", "authority", "whole", "number", "money", "share", "percent",
    "year", "financial_year", "month", "date", "period", "flag",
)  # fmt: skip


@given(st.sampled_from(KINDS), st.lists(ANYTHING, min_size=1, max_size=4), st.booleans())
def test_any_cell_of_any_kind_is_read_or_refused_in_words(kind, cells, required):
    notices = Problems(InputError)
    read = round_trip(
        [["a", cell] for cell in cells],
        [Column("row"), Column("value", kind, required=required)],
        notices=notices,
        allow_totals=True,
    )
    if read is not None:
        assert len(read) == len(cells)
        if kind in ("number", "money", "share", "percent"):
            finite = [value for value in read["value"] if not math.isnan(value)]
            assert all(math.isfinite(value) for value in finite)
            # A blank is a blank or a published marker, which is noticed; nothing else disappears.
            blanks = sum(not cell.strip() for cell in cells)
            assert len(cells) - len(finite) == blanks or any(notice.code == "HN227" for notice in notices)


@given(st.integers(1, 6), st.integers(1, 6))
def test_a_row_of_another_length_never_shifts(width, length):
    columns = [Column(f"c{number}", "whole") for number in range(width)]
    read = round_trip([[str(number) for number in range(length)]], columns)
    assert (read is None) == (width != length)


@given(st.permutations(["year", "code", "plans"]), st.sampled_from([str.upper, str.title, str.lower, " {} ".format]))
def test_the_order_and_case_of_columns_do_not_matter(order, spelling):
    values = {"year": "2025", "code": "x1", "plans": "7"}
    wanted = [Column("year", "year"), Column("code", "code"), Column("plans", "whole")]
    text = ",".join(spelling(name) for name in order) + "\n" + ",".join(values[name] for name in order) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_text(text, encoding="utf-8")
        read = read_table(path, wanted, root=Path(folder))
    assert read.iloc[0].tolist() == [2025, "x1", 7]


@given(st.text(st.characters(codec="cp1252", exclude_characters="\r\n\x00"), min_size=1, max_size=10))
def test_windows_text_survives(label):
    # A few letter pairs (an A with a circumflex before a hard space) are valid UTF-8 too: no reader can tell.
    assume(label.isascii() or not is_utf8(label.encode("cp1252")))
    read = round_trip([[label, "1"]], [Column("label", required=False), Column("plans", "whole")], encoding="cp1252")
    if read is not None:
        assert read["label"].tolist() == [label.strip()]


@settings(max_examples=25)
@given(st.lists(NUMBERS, min_size=1, max_size=4))
def test_numbers_of_a_workbook_come_back_equal_or_not_at_all(values):
    book = openpyxl.Workbook()
    book.active.append(["label", "value"])
    for value in values:
        book.active.append(["a", value])
    columns = [Column("label"), Column("value", "number", low=-math.inf, high=math.inf)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        book.save(path)
        try:
            read = read_workbook_table(path, "Sheet", columns, root=Path(folder))
        except InputError:
            # What the library writes as an empty cell or cannot write is refused, not read as nothing.
            assert not all(math.isfinite(value) for value in values)
        else:
            # The writing library keeps sixteen digits; what stands in the file is what must come back.
            assert read["value"].tolist() == [float(f"{value:.16g}") for value in values]
