"""What each file of inputs/monitoring/<year>/ holds: columns as a finance or case system exports them, one row a fact.

Every file carries a column `basis`, the same in every row: "actual", or the words that say the figures are invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hnforecast.base.codes import Codes
from hnforecast.inputs import Column

ACTUAL = "actual"
ILLUSTRATIVE = "illustrative: not published, not real"
SERVICES = "services"
WHOLE = ""  # no placement: the line as a whole, which the program shares out
RATINGS = ("green", "amber", "red")
LIKELIHOODS = ("rare", "unlikely", "possible", "likely", "almost certain")
KINDS = ("assessment", "annual_review")
REQUEST_SOURCES = ("requests_parents", "requests_schools", "requests_other")
FLOW_COLUMNS = (
    *REQUEST_SOURCES,
    "agreed",
    "refused",
    "decided_within_6_weeks",
    "assessments_completed",
    "no_plan_issued",
    "plans_issued",
    "plans_within_20_weeks",
    "appeals",
)


@dataclass(frozen=True)
class MonitoringFile:
    """One file.

    Args:
        columns: exactly its columns.
        key: columns that identify a row.
        needed: a period cannot be monitored without it.
        monthly: has a row for every month up to the cut-off; otherwise the latest month stands.
        says: what it is, one line, for the template.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    says: str
    needed: bool = False
    monthly: bool = True


def _count(name: str, required: bool = True) -> Column:
    return Column(name, "whole", required=required, low=0, high=200_000)


def monitoring_files(codes: Codes) -> Mapping[str, MonitoringFile]:
    """The files of a year's folder, by name without ending."""
    when = Column("month", "month")
    placement = Column("placement", "code", choices=codes.placements)
    drivers = (*codes.placements, SERVICES)
    driver = Column("placement", "code", required=False, choices=drivers, may_be_absent=True)
    line = Column("s251_line", "code", choices=codes.lines)
    rating = Column("rag", "code", choices=RATINGS)
    gbp = Column("gbp", "money", low=-1e9, high=1e9)
    accrual = Column("accrual_gbp", "money", required=False, low=-1e9, high=1e9, may_be_absent=True)
    plan_years = Column("plan_years", "number", required=False, low=0, high=200_000, may_be_absent=True)
    explanation = Column("explanation", required=False)
    files = {
        "ledger": MonitoringFile(
            (when, line, driver, gbp, accrual),
            ("month", "s251_line", "placement"),
            "Sums posted in each month by s251 line and placement (services where no plan drives the line; blank for a "
            "line posted whole, which is shared by what the recorded plans cost), pounds; income negative. "
            "accrual_gbp: due for work to that month's end and not posted, as it stands then.",
            needed=True,
        ),
        "ledger_control": MonitoringFile(
            (when, line, gbp),
            ("month", "s251_line"),
            "The trial balance: the ledger's own total of each line and month, to the penny.",
            needed=True,
        ),
        "budget": MonitoringFile(
            (line, driver, gbp, plan_years),
            ("s251_line", "placement"),
            "The approved budget of the year, pounds, by line and placement, or by line with placement blank; "
            "plan_years: plans it pays for, averaged over the year.",
            monthly=False,
        ),
        "plans": MonitoringFile(
            (when, placement, _count("open"), _count("new"), _count("ceased")),
            ("month", "placement"),
            "Plans open at the end of each month, new and ceased in it, by placement.",
            needed=True,
        ),
        "pipeline": MonitoringFile(
            (when, *(_count(name) for name in FLOW_COLUMNS)),
            ("month",),
            "Requests by source, decisions, assessments, plans issued and appeals registered in each month.",
            needed=True,
        ),
        "backlog": MonitoringFile(
            (when, Column("kind", "code", choices=KINDS), _count("cases"), _count("oldest_weeks", False)),
            ("month", "kind"),
            "Cases at the end of each month: assessments over 20 weeks old, annual reviews overdue.",
            needed=True,
        ),
        "places": MonitoringFile(
            (when, placement, _count("commissioned"), _count("filled")),
            ("month", "placement"),
            "Places commissioned and filled at the end of a month.",
            monthly=False,
        ),
        "plans_paid": MonitoringFile(
            (when, placement, _count("plans_sen2"), _count("plans_ledger"), explanation),
            ("month", "placement"),
            "Plans on the SEN2 list and plans paid for on the ledger at the end of a month; a difference is explained.",
            monthly=False,
        ),
        "transport": MonitoringFile(
            (when, line, _count("passengers"), gbp),
            ("month", "s251_line"),
            "Transport to school and college on the council's own budget.",
        ),
        "capital": MonitoringFile(
            (
                when,
                Column("scheme"),
                _count("places"),
                Column("opening_date", "date"),
                Column("budget", "money", low=0, high=1e9),
                Column("spend_to_date", "money", low=0, high=1e9),
                rating,
            ),
            ("month", "scheme"),
            "Capital schemes as they stand at the end of a month.",
            monthly=False,
        ),
        "measures": MonitoringFile(
            (
                when,
                Column("measure", "code"),
                Column("planned_saving", "money", low=-1e9, high=1e9),
                Column("saving_to_date", "money", low=-1e9, high=1e9),
                rating,
                Column("narrative", required=False),
            ),
            ("month", "measure"),
            "Each measure's planned saving in the year, saving to date, rating and a short account.",
            monthly=False,
        ),
        "risks": MonitoringFile(
            (
                when,
                Column("risk"),
                Column("low_gbp", "money", low=0, high=1e9),
                Column("high_gbp", "money", low=0, high=1e9),
                Column("likelihood", "code", choices=LIKELIHOODS),
                Column("response"),
                Column("rating", "code", choices=RATINGS),
            ),
            ("month", "risk"),
            "Risks with their range in pounds, likelihood, response and rating.",
            monthly=False,
        ),
        "funding": MonitoringFile(
            (
                when,
                Column("stream", "code", choices=codes.streams),
                Column("gbp", "money", low=-1e10, high=1e10),
                Column("source"),
            ),
            ("month", "stream"),
            "The year's funding by stream as last notified; deductions negative. Streams left out stay as assumed.",
            monthly=False,
        ),
    }
    basis = Column("basis", choices=(ACTUAL, ILLUSTRATIVE))
    return {
        name: MonitoringFile((*file.columns, basis), file.key, file.says, file.needed, file.monthly)
        for name, file in files.items()
    }
