"""Options before a decision: each measure on the register, and scenarios weighed by stated criteria."""

from hnforecast.options.promise import files_behind
from hnforecast.options.register import MemoRow, Register, RegisterRow, outside_account, register_of
from hnforecast.options.weighing import Weighing, weigh
from hnforecast.options.weights import Weights, load_weights

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
