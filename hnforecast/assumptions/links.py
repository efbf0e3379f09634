"""Rules across files. Each needs some parts of the vintage and is left out where one of them could not be read."""

from __future__ import annotations

from collections.abc import Callable

from hnforecast.assumptions.draft import Draft
from hnforecast.assumptions.rules_measures import (
    check_measure_names,
    check_measure_targets,
    check_scenarios,
    check_uncertainty,
)
from hnforecast.assumptions.rules_money import (
    check_components,
    check_funding_years,
    check_indices,
    check_instruments,
    check_line_shares,
    check_pipeline,
    check_place_prices,
    check_service_lines,
)
from hnforecast.assumptions.rules_places import check_placements, check_spill
from hnforecast.assumptions.rules_time import (
    check_balances,
    check_censuses,
    check_dates,
    check_hindsight,
    check_manifest,
    check_population_years,
    check_tables_declared,
)
from hnforecast.assumptions.statutory import check_floor
from hnforecast.base.errors import Problems

Rule = Callable[[Draft, Problems], None]

RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (check_manifest, ("manifest",)),
    (check_tables_declared, ()),
    (check_dates, ()),
    (check_hindsight, ("manifest",)),
    (check_population_years, ("manifest", "population")),
    (check_censuses, ("manifest", "flows")),
    (check_balances, ("manifest", "support")),
    (check_placements, ()),
    (check_spill, ("flows",)),
    (check_indices, ("prices",)),
    (check_line_shares, ("prices",)),
    (check_pipeline, ("demand",)),
    (check_place_prices, ("prices", "flows")),
    (check_service_lines, ("services",)),
    (check_funding_years, ("manifest", "funding")),
    (check_components, ("funding",)),
    (check_instruments, ("support",)),
    (check_measure_names, ()),
    (check_measure_targets, ("services", "flows", "prices")),
    (check_floor, ()),
    (check_scenarios, ("support",)),
    (check_uncertainty, ("uncertainty",)),
)


def check_links(draft: Draft, problems: Problems) -> None:
    """Apply every rule whose parts could be read."""
    for rule, needs in RULES:
        if draft.has(*needs):
            rule(draft, problems)
