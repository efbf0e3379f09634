"""Makes a return: reads, tracks, fills the form, checks everything, and only then writes; sealed where asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hnforecast.base.errors import OutputError, Place, Problem, Problems, ReconciliationError
from hnforecast.base.timeline import calendar, month
from hnforecast.quarter.period import ReturnPeriod
from hnforecast.quarter.returns.book import write_return_book
from hnforecast.quarter.returns.build import BuiltReturn, build_return
from hnforecast.quarter.returns.checks import Passed, check_return
from hnforecast.quarter.returns.document import FILE as DOCUMENT
from hnforecast.quarter.returns.document import read_document, return_document
from hnforecast.quarter.returns.gather import Gathered
from hnforecast.quarter.returns.seal import already_sealed, is_sealed, seal_hash, seal_return
from hnforecast.quarter.returns.tidy import tidy_files
from hnforecast.quarter.returns.verify import verify_seal
from hnforecast.writing.files import begin_folder, output_error, put_in_place, remove_folder, write_file
from hnforecast.writing.keeping import Existing, carry_over, refuse_aside, refuse_existing
from hnforecast.writing.partials import building, partial_of

if TYPE_CHECKING:
    from hnforecast.quarter.returns.forms import Form

RETURNS = ("outputs", "returns")


@dataclass(frozen=True)
class Last:
    """The return before this one.

    Args:
        folder: where it lies; None for the first return of a form.
        document: its return.json, or None.
        sealed: whether it was sealed.
    """

    folder: Path | None = None
    document: Mapping[str, Any] | None = None
    sealed: bool = False

    @property
    def words(self) -> str:
        """What the cover says of it."""
        if self.folder is None or self.document is None:
            return "None: this is the first return of this form"
        name = f"{self.document['form']} {self.document['period']}"
        return f"{name}, seal {seal_hash(self.folder)[:16]}" if self.sealed else f"{name}, not sealed"


@dataclass(frozen=True)
class MadeReturn:
    """A return that was written."""

    folder: Path
    built: BuiltReturn
    passed: Sequence[Passed]
    notices: tuple[str, ...]
    seal: str | None
    filled: Sequence[str] = ()
    kept: Sequence[str] = ()
    aside: Path | None = None


def return_folder(root: Path, period: ReturnPeriod, form: str) -> Path:
    """Where a return lies in the council's folder."""
    return root.joinpath(*RETURNS, str(period), form)


def find_last(root: Path, form: str, period: ReturnPeriod, folder: Path | None, sealing: bool) -> Last:
    """The return before, proven unchanged.

    Args:
        root: the council folder.
        form: name.
        period: of the return to be made.
        folder: where the return before lies, if not in its place.
        sealing: whether this return is to be sealed: then the one before must be.

    Raises:
        ReconciliationError: a return is missing between this and an earlier one, or the one before was changed.
    """
    place = folder or return_folder(root, period.before, form)
    if not (place / DOCUMENT).is_file():
        if folder is not None:
            raise ReconciliationError(Problem("HN731", "There is no return in this folder", Place(file=str(folder))))
        _refuse_gap(root, form, period)
        return Last()
    sealed = is_sealed(place)
    if sealed:
        problems = verify_seal(place, None).problems
        if problems:
            what = "The return before was changed after it was sealed, so nothing can be tied to it"
            do = f"Restore {place.name} of {period.before} from a copy; the changes are listed here."
            raise ReconciliationError(Problem("HN733", what, Place(file=str(place)), do=do), *problems)
    elif sealing:
        do = f"Seal it first: hnforecast return {period.before} --form {form} --seal."
        raise ReconciliationError(Problem("HN732", "The return before is not sealed", Place(file=str(place)), do=do))
    return Last(place, read_document(place), sealed)


def _refuse_gap(root: Path, form: str, period: ReturnPeriod) -> None:
    """A return of this form before the one that is missing means that one was left out."""
    from hnforecast.base.errors import UsageError
    from hnforecast.quarter.period import parse_return_period

    earlier = []
    for path in root.joinpath(*RETURNS).glob(f"*/{form}/{DOCUMENT}"):
        try:
            found = parse_return_period(path.parent.parent.name, period.kind)
        except UsageError:
            continue
        if found.ordinal < period.ordinal:
            earlier.append(found)
    if earlier:
        latest = max(earlier, key=lambda found: found.ordinal)
        raise ReconciliationError(
            Problem(
                "HN732", "A return is missing between this one and the last", Place(path=f"{form} {period}"),
                found=f"the last return is {latest}", expected=str(period.before),
                do=f"Make it first: hnforecast return {period.before} --form {form}.",
            )
        )  # fmt: skip


def fill_form(form: Form, gathered: Gathered, last: Last, monitored: ReturnPeriod) -> tuple[BuiltReturn, list[Passed]]:
    """The form with its figures, every check held.

    Raises:
        ReconciliationError: every cast, tie, sign, blank and closed month that does not hold.
    """
    problems = Problems(ReconciliationError)
    problems.extend(gathered.closed_changes)
    built = build_return(form, gathered.sources, problems)
    problems.raise_any()
    passed = check_return(built, gathered.sources, last.document, monitored.year, problems)
    problems.raise_any()
    return built, passed


def write_return(
    target: Path,
    period: ReturnPeriod,
    monitored: ReturnPeriod,
    built: BuiltReturn,
    passed: Sequence[Passed],
    gathered: Gathered,
    last: Last,
    *,
    filled: tuple[str, bytes] | None = None,
    seal: bool = False,
    existing: Existing = "renew",
    now: datetime | None = None,
) -> tuple[str | None, list[str], Path | None]:
    """Write the folder of a return: whole, or not at all; a sealed one is never written over.

    Args:
        target: the folder.
        period: of the return; monitored: the quarter its actuals are of.
        built, passed, gathered, last: as made.
        filled: name and bytes of the official workbook, filled.
        seal: freeze it.
        existing: what becomes of an unsealed return there: see `keeping.refuse_existing`.
        now: the time of the seal; the present by default.

    Returns:
        The hash of the seal, or None; what others laid into an earlier return there, kept in this one; and the dated
        name of an earlier folder set aside.

    Raises:
        ReconciliationError: the target is sealed.
        OutputError: a file cannot be written, or the target holds something else.
    """
    check_place(target, existing)
    form = built.form
    authority = gathered.authority
    stem = f"{authority.la_name.lower().replace(' ', '-')}-{form.name}-{str(period).lower()}"
    year, of_year = calendar(month(monitored.year, 4) + 3 * monitored.number - 1)
    title = f"{authority.la_name}: {form.definition.title}, {period}"
    footer = f"{title}; {gathered.run_id}"
    created = datetime(year, of_year, 28, tzinfo=UTC).replace(tzinfo=None)
    tidy, meta = tidy_files(built, authority, monitored.year, monitored.number)
    identity = dict(gathered.identity) | {
        "form": form.name,
        "form_version": form.definition.version,
        "period": str(period),
        "quarter": str(monitored),
        "previous": None if last.document is None else {"form": form.name, "period": last.document["period"]},
    }
    files = {
        f"{stem}.xlsx": write_return_book(
            built, passed, title=title, author=authority.la_name, created=created, footer=footer
        ),
        f"{stem.replace('-', '_')}.csv": tidy,
        f"{stem.replace('-', '_')}.meta.csv": meta,
    }
    if filled is not None:
        files[filled[0]] = filled[1]
    files[DOCUMENT] = return_document(built, passed, identity, gathered.ledger, files)

    def finish(folder: Path) -> str | None:
        """Sealed before it is seen, so that no return stands unsealed where a sealed one was asked for."""
        if not seal:
            return None
        return seal_return(folder, str(period), form.name, last.folder, gathered.files, now)

    return _publish(target, files, finish, existing)


def check_place(target: Path, existing: Existing) -> None:
    """Refuse a place that holds something no return may take.

    Raises:
        ReconciliationError: a sealed return, whatever was asked for.
        UsageError: something that is kept.
        OutputError: something that is not a return.
    """
    if is_sealed(target):
        raise already_sealed(target)
    if existing == "aside" and target.is_dir() and any(target.iterdir()):
        refuse_aside(target)
    elif target.exists() and not (target / DOCUMENT).is_file() and not _is_empty(target):
        do = "Choose another folder with --out, or move what is there."
        what = "The folder holds something that is not a return, so it is left alone"
        raise OutputError(Problem("HN734", what, Place(file=str(target)), do=do))
    refuse_existing(target, existing)


def _is_empty(target: Path) -> bool:
    return target.is_dir() and not any(target.iterdir())


def _publish(
    target: Path, files: Mapping[str, bytes], finish: Callable[[Path], str | None], existing: Existing
) -> tuple[str | None, list[str], Path | None]:
    """Write the files beside the target, then put the folder in its place; what others laid there is carried over.

    It is carried before the seal, which lists it then: a sealed folder never gains a file.
    """
    with building(target):
        try:
            partial = begin_folder(target)
            for name, content in files.items():
                write_file(partial / name, content)
            kept = carry_over(target, partial) if (target / DOCUMENT).is_file() else []
            seal = finish(partial)
            aside = put_in_place(target, aside=existing == "aside")
        except OSError as error:
            raise output_error(error, target) from error
        finally:
            remove_folder(partial_of(target))
    return seal, kept, aside
