"""What it takes: the value of one lever, or the mix of measures, that brings balance or the agreed profile.

levers (a value, how it moves, how far) -> trials (many moves in one pass) -> seek, mix -> run anew with every draw
"""

from hnforecast.questions.targets.closing import Closing, close_rest
from hnforecast.questions.targets.goals import Goal, make_goal
from hnforecast.questions.targets.levers import Lever, all_levers, find_lever
from hnforecast.questions.targets.mix import Mix, best_mix
from hnforecast.questions.targets.seek import Answer, seek
from hnforecast.questions.targets.trials import Trials, make_trials

__all__ = [
    "Answer",
    "Closing",
    "Goal",
    "Lever",
    "Mix",
    "Trials",
    "all_levers",
    "best_mix",
    "close_rest",
    "find_lever",
    "make_goal",
    "make_trials",
    "seek",
]
