"""Which rows of spend are in the account, and the words for each row."""

from __future__ import annotations

from hnforecast.base.codes import Codes
from hnforecast.engine.model.state import SpendRow
from hnforecast.writing.style import sentence_case

SERVICES = "services"
KINDS = {"gross": "spend", "income": "income", "recoupment": "paid direct by the DfE"}


def counts_in_account(row: SpendRow) -> bool:
    """Whether a row is spend of the high needs account.

    Places the Department pays direct are taken off funding as deductions, so counting them as spend would count
    them twice; the council's own budget (transport, casework) is never charged to the grant.
    """
    return row.account == "dsg" and row.kind != "recoupment"


def line_text(row: SpendRow, codes: Codes) -> str:
    """What a row pays for: its own label where it has one, else the s251 description."""
    return row.label or codes.line_labels.get(row.s251_line, row.s251_line)


def driver_text(row: SpendRow, codes: Codes) -> str:
    """What drives a row: the placement's label, or services, which no plan drives."""
    return codes.labels.get(row.placement, sentence_case(row.placement))
