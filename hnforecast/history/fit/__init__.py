"""From a council's published history to proposed rates, and a draft vintage. It never changes a signed-off vintage.

- history.py: one authority, or England, as arrays; cut to what a January count knew
- joiners.py, exits.py, moves.py, margins.py: one kind of rate each
- shape.py: England's pattern; rates.py: all rates, central values
- posterior.py: what is left uncertain after shrinkage; spread.py: the standard error of every rate
- weights.py: how far authorities differ, so how much England counts for one of them
- pipeline.py: requests agreed and plans issued; snapshots.py: a council's own counts of moves
- residents.py: children of an authority that has no projection of its own here
- proposal.py: everything above for one authority; report.py: as rows to read
- tables.py, fitted.py, uncertain.py, changes.py, vintage.py: as the text of a draft vintage
- folder.py: that on disk, whole or not at all
"""

from hnforecast.history.fit.folder import Draft, Settled, Targets, check_name, settle_demand, write_draft
from hnforecast.history.fit.proposal import Proposal, propose
from hnforecast.history.fit.vintage import Carried, covers

__all__ = [
    "Carried",
    "Draft",
    "Proposal",
    "Settled",
    "Targets",
    "check_name",
    "covers",
    "propose",
    "settle_demand",
    "write_draft",
]
