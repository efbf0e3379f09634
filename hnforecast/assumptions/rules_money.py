"""Rules on money: indices that exist and reach back far enough, lines of the code list, parts that make their total."""

from __future__ import annotations

import difflib
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from hnforecast.assumptions.draft import Draft
from hnforecast.assumptions.shaped import SHARE_TOLERANCE
from hnforecast.assumptions.shapes import show_number
from hnforecast.assumptions.sourced import Sourced
from hnforecast.base.errors import Place, Problems
from hnforecast.base.timeline import Month, financial_year, months_of_financial_year, show_month, show_year

# Rules on placements.


def near(name: str, known: list[str] | tuple[str, ...]) -> str:
    """The sentence that offers the nearest known name, or nothing."""
    found = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {found[0]!r}?" if found else ""


def check_placements(draft: Draft, problems: Problems) -> None:
    """Every placement named anywhere in the YAML is one of the code list."""
    known = draft.codes.placements
    for name, place in _named(draft):
        if name not in known:
            do = near(name, known) or "Use a code of inputs/codes/placements.csv."
            problems.add("HN142", "unknown placement", place, found=name, expected=", ".join(known), do=do)


def _named(draft: Draft) -> Iterator[tuple[str, Place]]:
    """Every placement named, with its place."""
    prices, flows, services = (draft.groups.get(stem) for stem in ("prices", "flows", "services"))
    for group, stem, names in (
        (prices, "prices", ("top_up", "line_share", "place", "place_council_share")),
        (flows, "flows", ("places", "spill")),
    ):
        for name in names if group is not None else ():
            for placement in getattr(group, name):
                yield placement, draft.place(stem, name, placement)
    for placement, shares in flows.spill.items() if flows is not None else ():
        yield from ((to, draft.place("flows", "spill", placement, to)) for to in shares)
    for key, line in services.council.items() if services is not None else ():
        for position, placement in enumerate(line.placements or ()):
            yield placement, draft.place("services", "council", key, "placements", position, key=False)
    for name, measure in draft.measures.items():
        for number, effect in enumerate(measure.effects):
            yield from _in_effect(draft, effect, ("measures", name, "effects", number))


def _in_effect(draft: Draft, effect: Any, keys: tuple[Any, ...]) -> Iterator[tuple[str, Place]]:
    for position, placement in enumerate(effect.placements or ()):
        yield placement, draft.place(*keys, "placements", position, key=False)
    for setting in ("from_placement", "to_placement"):
        if getattr(effect, setting) is not None:
            yield getattr(effect, setting), draft.place(*keys, setting, key=False)


def check_spill(draft: Draft, problems: Problems) -> None:
    """Every limited placement says where those not admitted go, never to itself nor to one filled before it."""
    flows = draft.groups["flows"]
    filled: list[str] = []
    for placement in flows.places:
        filled.append(placement)
        shares = flows.spill.get(placement)
        if not shares:
            what = "places are limited here, but nothing says where the others go"
            do = f"Add `spill.{placement}:` with shares that sum to 1."
            problems.add("HN143", what, draft.place("flows", "places", placement), do=do)
            continue
        total = math.fsum(share.value or 0.0 for share in shares.values())
        if abs(total - 1) > SHARE_TOLERANCE:
            place = draft.place("flows", "spill", placement)
            problems.add("HN144", "the shares do not sum to 1", place, found=show_number(total), expected="1")
        for to in shares:
            if to in filled:
                what = "those not admitted cannot go to a placement that is full or filled before"
                expected = "a placement with no limit, or one later in `places`"
                problems.add("HN143", what, draft.place("flows", "spill", placement, to), found=to, expected=expected)
    for placement in flows.spill:
        if placement not in flows.places:
            what = "nobody is turned away here, because the placement has no limit"
            do = f"Add `places.{placement}.commissioned`, or delete this."
            problems.add("HN143", what, draft.place("flows", "spill", placement), do=do)


COMPONENT_TOLERANCE = 1.0  # pounds: published components are rounded to the pound


def check_indices(draft: Draft, problems: Problems) -> None:
    """Every `uprate_by` is an index of prices.yaml that starts no later than the year after the price base."""
    indices = draft.groups["prices"].indices
    for path, sourced in draft.values.items():
        if sourced.uprate_by is None:
            continue
        place = draft.place(*draft.keys[path], "uprate_by", key=False)
        index: Sourced | None = indices.get(sourced.uprate_by)
        if index is None:
            do = near(sourced.uprate_by, list(indices))
            problems.add("HN141", "no such index", place, found=sourced.uprate_by, expected=", ".join(indices), do=do)
        elif index.by is not None and sourced.price_base is not None and next(iter(index.by)) > sourced.price_base + 1:
            first, wanted = show_year(next(iter(index.by))), show_year(sourced.price_base + 1)
            what = "the index starts after the price base, so the years between would have no uplift"
            found = f"{sourced.uprate_by} from {first}, prices of {show_year(sourced.price_base)}"
            do = f"Add {wanted} to the index, or restate the price."
            problems.add("HN141", what, place, found=found, expected=f"an index from {wanted}", do=do)


def check_line_shares(draft: Draft, problems: Problems) -> None:
    """Every priced placement is charged to lines whose shares sum to 1."""
    prices = draft.groups["prices"]
    for placement in prices.top_up:
        if placement not in prices.line_share:
            what = "the placement has a price, but no line it is charged to"
            do = f'Add `line_share.{placement}:` such as "1.2.1" with a share of 1.'
            problems.add("HN144", what, draft.place("prices", "top_up", placement), do=do)
    for placement, shares in prices.line_share.items():
        place = draft.place("prices", "line_share", placement)
        if placement not in prices.top_up:
            what = "the placement is charged to lines, but has no price"
            problems.add("HN144", what, place, do=f"Add `top_up.{placement}`, or delete this.")
        total = math.fsum(share.value or 0.0 for share in shares.values())
        if abs(total - 1) > SHARE_TOLERANCE:
            problems.add("HN144", "the shares do not sum to 1", place, found=show_number(total), expected="1")
        for line in shares:
            _check_line(line, "dsg", draft, draft.place("prices", "line_share", placement, line), problems)


def check_place_prices(draft: Draft, problems: Problems) -> None:
    """A price per place needs commissioned places and the council's share of them."""
    prices, flows = draft.groups["prices"], draft.groups["flows"]
    for placement in prices.place:
        place = draft.place("prices", "place", placement)
        if placement not in flows.places:
            what = "a price per place, but no commissioned places"
            problems.add("HN143", what, place, do=f"Add `places.{placement}.commissioned` to flows.yaml.")
        if placement not in prices.place_council_share:
            what = "nothing says what share of these places the council pays"
            problems.add("HN143", what, place, do=f"Add `place_council_share.{placement}`; 1 if it pays all.")


def check_pipeline(draft: Draft, problems: Problems) -> None:
    """Some requests end in a plan: what a request or an assessment costs is told from the plans that come of it."""
    for name in ("agreed_share", "issued_share"):
        sourced: Sourced = getattr(draft.groups["demand"].pipeline, name)
        if sourced.value == 0:
            what = "with a share of nothing no plan would ever start, yet plans do"
            problems.add("HN114", what, draft.place("demand", "pipeline", name), found="0", expected="above 0, up to 1")


def check_service_lines(draft: Draft, problems: Problems) -> None:
    """Every s251 line named by a service, a memo or a measure is in the code list, in the right account."""
    for line, account, place in _service_lines(draft):
        _check_line(line, account, draft, place, problems)


def _service_lines(draft: Draft) -> Iterator[tuple[str, str, Place]]:
    services = draft.groups["services"]
    for key, service in services.lines.items():
        yield service.s251_line, "dsg", draft.place("services", "lines", key, "s251_line", key=False)
    for key, memo in services.council.items():
        yield memo.s251_line, "council", draft.place("services", "council", key, "s251_line", key=False)
    for name, measure in draft.measures.items():
        for number, cost in enumerate(measure.costs):
            if cost.s251_line is not None:
                yield cost.s251_line, "", draft.place("measures", name, "costs", number, "s251_line", key=False)


def _check_line(line: str, account: str, draft: Draft, place: Place, problems: Problems) -> None:
    codes = draft.codes
    if line not in codes.lines:
        do = near(line, codes.lines) or "Use a line of inputs/codes/s251_lines.csv."
        problems.add("HN142", "unknown s251 line", place, found=line, expected=", ".join(codes.lines), do=do)
    elif account and codes.line_accounts[line] != account:
        words = {"dsg": "the schools grant", "council": "the council's own budget"}
        what = f"the line is charged to {words[codes.line_accounts[line]]}, not to {words[account]}"
        problems.add("HN142", what, place, found=f"{line} {codes.line_labels[line]}")


def check_funding_years(draft: Draft, problems: Problems) -> None:
    """The base outturn year is known for every stream, and growth takes over where announcements end."""
    manifest, funding = draft.groups["manifest"], draft.groups["funding"]
    base = manifest.base_outturn
    block = funding.high_needs_block
    for keys, stream in (
        (("high_needs_block", "allocation"), block.allocation),
        (("import_export",), funding.import_export),
        (("deductions",), funding.deductions),
    ):
        if stream.by is not None and stream.by.kind == "year" and next(iter(stream.by)) > base:
            place = draft.place("funding", *keys)
            found = f"from {stream.by.show(next(iter(stream.by)))}"
            problems.add("HN146", "the base outturn year is missing", place, found=found, expected=show_year(base))
    for keys, stream, growth in (
        (("high_needs_block", "growth"), block.allocation, block.growth),
        (("deductions_growth",), funding.deductions, funding.deductions_growth),
    ):
        if stream.by is None or growth.by is None or "year" not in (stream.by.kind, growth.by.kind):
            continue
        following = list(stream.by)[-1] + 1
        if next(iter(growth.by)) > following:
            found = f"growth from {growth.by.show(next(iter(growth.by)))}"
            what = "growth starts after the first year that needs it"
            problems.add("HN146", what, draft.place("funding", *keys), found=found, expected=show_year(following))


def check_components(draft: Draft, problems: Problems) -> None:
    """Components of the block, where given, add up to its allocation."""
    block = draft.groups["funding"].high_needs_block
    if block.components is None or block.components.table is None or block.allocation.by is None:
        return
    totals: dict[int, list[float]] = defaultdict(list)
    for row in block.components.table.rows:
        totals[row["financial_year"]].append(row["value"])
    for year, parts in totals.items():
        total, place = math.fsum(parts), draft.place("funding", "high_needs_block", "components")
        if year not in block.allocation.by:
            what = "components of a year with no allocation"
            problems.add("HN147", what, place, found=show_year(year))
        elif abs(total - block.allocation.by[year]) > COMPONENT_TOLERANCE:
            what = f"the components of {show_year(year)} do not add up to the allocation"
            expected = f"{show_number(block.allocation.by[year])}, within a pound"
            problems.add("HN147", what, place, found=show_number(total), expected=expected)


def check_instruments(draft: Draft, problems: Problems) -> None:
    """An instrument is paid by year, or as a share of the balance at a date; its kind says which."""
    by_share = ("stability_grant", "write_off")
    for name, instrument in draft.groups["support"].instruments.items():
        place = draft.place("support", "instruments", name)
        needs = ("share", "balance_at", "paid_in") if instrument.kind in by_share else ("payments",)
        for setting in ("payments", "share", "balance_at", "paid_in"):
            given = getattr(instrument, setting) is not None
            if given and setting not in needs:
                at = draft.place("support", "instruments", name, setting)
                problems.add("HN143", f"a {instrument.kind} takes no `{setting}`", at, expected=", ".join(needs))
            elif not given and setting in needs:
                problems.add("HN111", f"a {instrument.kind} needs `{setting}`", place, do=f"Add `{setting}:`.")
        if instrument.balance_at is not None and instrument.paid_in is not None:
            _check_settlement(name, instrument.balance_at, instrument.paid_in, draft, problems)


def _check_settlement(name: str, balance_at: Month, paid_in: int, draft: Draft, problems: Problems) -> None:
    """A share is of the balance a year ends on, and is paid in a later year: otherwise nothing would be paid."""
    year_of_balance = financial_year(balance_at)
    last = months_of_financial_year(year_of_balance)[-1]
    if balance_at != last:
        at = draft.place("support", "instruments", name, "balance_at", key=False)
        what = "the balance is not that of the end of a financial year, so there is none to take a share of"
        do = f"Give the March that ends {show_year(year_of_balance)}."
        problems.add("HN143", what, at, found=show_month(balance_at), expected=show_month(last), do=do)
    if paid_in <= year_of_balance:
        at = draft.place("support", "instruments", name, "paid_in", key=False)
        what = "paid before the balance it is a share of is known, so nothing would be paid"
        expected = f"{show_year(year_of_balance + 1)} or later"
        problems.add("HN143", what, at, found=show_year(paid_in), expected=expected)
