"""The register of measures: what was promised, what is planned, what came."""

from hnforecast.questions.register.promise import files_behind
from hnforecast.questions.register.register import MemoRow, Register, RegisterRow, outside_account, register_of

__all__ = ["MemoRow", "Register", "RegisterRow", "files_behind", "outside_account", "register_of"]
