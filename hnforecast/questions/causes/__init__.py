"""What took spend on high needs from one year to another, for any authority of the panel, from published figures alone.

panel -> History (one authority, by financial year) -> Causes (parts that add up exactly) -> beside its neighbours
"""

from hnforecast.questions.causes.explain import Causes, explain_causes, explain_neighbours
from hnforecast.questions.causes.factors import FACTORS, chain_factors, quantity_and_price, volume_mix_price
from hnforecast.questions.causes.history import PanelFrames, neighbours_of, read_frames, read_panel_of_causes

__all__ = [
    "FACTORS",
    "Causes",
    "PanelFrames",
    "chain_factors",
    "explain_causes",
    "explain_neighbours",
    "neighbours_of",
    "quantity_and_price",
    "read_frames",
    "read_panel_of_causes",
    "volume_mix_price",
]
