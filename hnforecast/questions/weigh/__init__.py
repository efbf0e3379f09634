"""Options before a decision: each measure on the register, and scenarios weighed by stated criteria."""

from hnforecast.questions.register.promise import files_behind
from hnforecast.questions.register.register import MemoRow, Register, RegisterRow, outside_account, register_of
from hnforecast.questions.weigh.weighing import Weighing, weigh
from hnforecast.questions.weigh.weights import Weights, load_weights

__all__ = [
    "MemoRow",
    "Register",
    "RegisterRow",
    "Weighing",
    "Weights",
    "files_behind",
    "load_weights",
    "outside_account",
    "register_of",
    "weigh",
]
