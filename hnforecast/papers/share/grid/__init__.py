"""The grid: a plan at every combination of delivery, growth and settlement, run by the engine once and kept.

What a reader may choose is a setting: how far each measure is delivered, how fast new plans grow, what the block grows
by. Every setting made of the levels offered is a point of the grid, and the figure kept there is the engine's.
"""

from hnforecast.papers.share.grid.build import Grid, build_grid, random_setting
from hnforecast.papers.share.grid.chance import Chance, build_chance
from hnforecast.papers.share.grid.choices import Choice, choose_plan, growth_choices, settlement_choices
from hnforecast.papers.share.grid.lanes import Setting, resolve_setting, run_setting
from hnforecast.papers.share.grid.layout import FULL, Layout, lay_out

__all__ = [
    "FULL",
    "Chance",
    "Choice",
    "Grid",
    "Layout",
    "Setting",
    "build_chance",
    "build_grid",
    "choose_plan",
    "growth_choices",
    "lay_out",
    "random_setting",
    "resolve_setting",
    "run_setting",
    "settlement_choices",
]
