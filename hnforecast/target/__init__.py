"""What it takes: the value of one lever, or the mix of measures, that brings balance or the agreed profile.

levers (a value, how it moves, how far) -> trials (many moves in one pass) -> seek, mix -> run anew with every draw
"""

from hnforecast.target.goals import Goal, make_goal
from hnforecast.target.levers import Lever, all_levers, find_lever
from hnforecast.target.seek import Answer, seek
from hnforecast.target.trials import Trials, make_trials

__all__ = ["Answer", "Goal", "Lever", "Trials", "all_levers", "find_lever", "make_goal", "make_trials", "seek"]
