"""Options before a decision: each measure on the register, and scenarios weighed by stated criteria."""

from hnforecast.options.promise import files_behind
from hnforecast.options.register import MemoRow, Register, RegisterRow, outside_account, register_of

__all__ = ["MemoRow", "Register", "RegisterRow", "files_behind", "outside_account", "register_of"]
