"""What the commands of decisions share: where their pages and tables go, and the years they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hnforecast.base.errors import Place, Problem, Problems, UsageError
from hnforecast.cli.project import common_options, vintage_option
from hnforecast.cli.screen import say
from hnforecast.engine.draws import SEED

if TYPE_CHECKING:
    from hnforecast.writing.answer import Answer
    from hnforecast.writing.keeping import Existing


# What --out names.


class Out(click.ParamType[Path]):
    """A place to write to, there or to be made.

    Args:
        wanted: what it is, in a word.
        may_be_file: whether a file may be there: one is wanted, or the command says itself what is wrong with it.
    """

    name = "path"

    def __init__(self, wanted: str = "folder", *, may_be_file: bool = False) -> None:
        self.wanted, self.may_be_file = wanted, may_be_file

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path as typed.

        Raises:
            UsageError: nothing was typed, or it is a file.
        """
        path = Path(value)
        if not str(value).strip():
            raise UsageError(Problem("HN825", "--out names nothing", found="''", do=f"Name a {self.wanted}."))
        if path.is_file() and not self.may_be_file:
            what = "--out names a file, and a folder is wanted"
            raise UsageError(Problem("HN825", what, Place(file=str(path)), do="Name a folder."))
        return path


REPLACE = "hnforecast.replace"  # where the context of a command holds whether --replace was said


def _remember(context: click.Context, _: click.Parameter, said: bool) -> None:
    context.meta[REPLACE] = said


replace_option = click.option(
    "--replace",
    is_flag=True,
    expose_value=False,
    callback=_remember,
    help="Write where --out holds something; that is kept under a dated name.",
)


def on_existing(out: Path | None) -> Existing:
    """What becomes of what is there: kept at --out, set aside with --replace, renewed in a default place."""
    if out is None:
        return "renew"
    return "aside" if click.get_current_context().meta.get(REPLACE) else "refuse"


def say_kept(kept: Sequence[str] = (), aside: Sequence[Path] = ()) -> None:
    """Say what of others is in the new folder, and where what was there before stays."""
    if kept:
        say(f"Kept as it was, in the new folder: {', '.join(kept)}")
    for path in aside:
        say(f"What was there before is kept as {path.name}")


def write_files(folder: Path, files: Mapping[str, bytes], command: str, existing: Existing) -> None:
    """Write files into a folder, all or none, under the lock of the folder.

    Args:
        folder: made where it is missing.
        files: name -> content.
        command: the name of the command, shown to whoever has to wait.
        existing: what becomes of a file in the way.

    Raises:
        UsageError: files are in the way and kept.
        OutputError: the folder cannot be made, or a file not be written; it says which.
    """
    from hnforecast.writing.files import place_files
    from hnforecast.writing.locks import target_lock

    with target_lock(folder / "file", f"hnforecast {command}", on_wait=lambda who: say(f"Waiting: {who}")):
        aside = place_files(folder, files, existing=existing)
    say_kept(aside=aside)


def write_default(root: Path, path: Path, content: bytes, command: str) -> list[Path]:
    """Write a file to its default place: one that the program wrote goes, any other is set aside.

    Args:
        root: the council folder, whose outputs/ remembers what was written.
        path: the place.
        content: of the file.
        command: as typed, shown to whoever has to wait.

    Returns:
        What was set aside.

    Raises:
        OutputError: the folder cannot be made, or the file not be written.
    """
    from hnforecast.writing.files import atomic_write, place_files
    from hnforecast.writing.keeping import Record
    from hnforecast.writing.locks import target_lock

    record = Record(root)
    with target_lock(record.path, command, on_wait=lambda who: say(f"Waiting: {who}")):
        aside = place_files(path.parent, {path.name: content}, existing="renew" if record.holds(path) else "aside")
        atomic_write(record.path, record.with_file(path, content))
    return aside


OUT_FOLDER, OUT_FILE = Out(), Out("file", may_be_file=True)
OUT_RUN = Out(may_be_file=True)  # a folder of a run, or like one, replaced whole and looked at by whoever replaces it


Command = TypeVar("Command", bound=Callable[..., Any])


def answer_options(out: str, plain: str) -> Callable[[Command], Command]:
    """The options of a command that answers a question: --out with --replace, and --json.

    Args:
        out, plain: what each is for, as help shows it.
    """

    def add(command: Command) -> Command:
        command = click.option("--json", "as_json", is_flag=True, help=plain)(command)
        return click.option("--out", type=OUT_FOLDER, help=out)(replace_option(command))

    return add


def deliver(answer: Answer, out: Path | None, as_json: bool) -> None:
    """Write an answer into its folder, where one is asked for, and print it.

    Raises:
        UsageError: the folder is a run, or lies in one; a file is in the way.
        OutputError: the folder cannot be made, or a file not be written.
    """
    if out is not None:
        write_pages(out, answer.files())
    click.echo(answer.shown(as_json), nl=False)


def decision_options(year: str, out: str, plain: str) -> Callable[[Command], Command]:
    """The options of a command that explains: --year, --out, --json, the vintage and the project.

    Args:
        year, out, plain: what each of the first three is for, as help shows it.
    """

    def add(command: Command) -> Command:
        command = vintage_option(common_options(command))
        command = answer_options(out, plain)(command)
        return click.option("--year", metavar="YEAR", help=year)(command)

    return add


def read_year(text: str, code: str, known: Iterable[int] | None = None) -> int:
    """A financial year as typed.

    Args:
        code: of the problem where it is not one, or not among those known.

    Raises:
        UsageError: it is not.
    """
    from hnforecast.base.timeline import parse_year, show_year

    shown = [show_year(year) for year in known] if known is not None else None
    expected = ", ".join(shown) if shown is not None else "a financial year such as 2027-28"
    try:
        year = parse_year(text)
    except ValueError as error:
        raise UsageError(Problem(code, str(error), expected=expected)) from None
    if shown is not None and show_year(year) not in shown:
        raise UsageError(Problem(code, f"The forecast has no year {text}", expected=expected))
    return year


def write_pages(out: Path, files: Mapping[str, bytes]) -> None:
    """Write pages, tables and charts into a folder, each whole or not at all, and say where.

    Args:
        out: the folder; made where it is missing.
        files: name -> content.

    Raises:
        UsageError: the folder is a run, or lies in one; a file is in the way.
        OutputError: the folder cannot be made, or a file not be written.
    """
    from hnforecast.writing.refusals import refuse_inside_run

    refuse_inside_run(out.resolve())
    name = click.get_current_context().info_name or ""
    write_files(out.resolve(), files, name, on_existing(out))
    say(f"Written to {out}")


# What commands that draw uncertain values share.

DRAWS, MOST_DRAWS = 8_192, 65_536


def draws_option(words: str, most: int = MOST_DRAWS, default: int = DRAWS) -> Callable[[Command], Command]:
    """The option --draws of a command that draws unless told otherwise.

    Args:
        words: what it is for, as help shows it.
        most: draws the command can carry.
        default: draws where none are asked for.
    """
    return click.option(
        "--draws",
        type=click.IntRange(1, most),
        default=default,
        show_default=True,
        envvar="HNFORECAST_DRAWS",
        help=words,
    )


def seed_option(command: Command) -> Command:
    """The option --seed."""
    return click.option(
        "--seed", type=click.IntRange(min=0), default=SEED, show_default=True, help="Seed of the draws."
    )(command)


def check_draws(draws: int) -> None:
    """The block of draws has a power of two of rows, which is what spreads it evenly.

    Raises:
        UsageError: another number.
    """
    if draws & (draws - 1):
        below = 1 << (draws.bit_length() - 1)
        expected = f"1, 2, 4, 8 ... such as {below} or {2 * below}"
        raise UsageError(
            Problem("HN852", "The number of draws is not a power of two", found=f"--draws {draws}", expected=expected)
        )


def span_of(first: str, last: str) -> tuple[int, int]:
    """First and last financial year as typed.

    Raises:
        UsageError: they are not years, or the last does not follow the first.
    """
    from hnforecast.base.timeline import parse_year

    try:
        years = parse_year(first), parse_year(last)
    except ValueError as error:
        raise UsageError(Problem("HN524", str(error), expected="financial years such as 2018-19")) from None
    if years[0] >= years[1]:
        raise UsageError(
            Problem("HN524", "The last year does not follow the first", found=f"{first} to {last}", do="Swap them.")
        )
    return years


def read_settings(settings: tuple[str, ...]) -> dict[str, str]:
    """PATH=VALUE pairs as path -> value, as written.

    Raises:
        UsageError: every pair that is not one, and every path given twice.
    """
    problems = Problems(UsageError)
    found: dict[str, str] = {}
    for setting in settings:
        path, sign, value = (part.strip() for part in setting.partition("="))
        if not (path and sign and value):
            expected = "PATH=VALUE, such as prices.top_up.state_special=+3%"
            problems.add("HN855", "--set needs a path and a value", found=setting, expected=expected)
        elif path in found:
            problems.add(
                "HN855", f"--set gives {path} twice", found=f"{found[path]} and {value}", do="Keep one of the two."
            )
        found.setdefault(path, value)
    problems.raise_any()
    return found
