"""hnforecast: a council's High Needs budget forecast, from children to the account, with every number sourced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hnforecast.engine.forecast import load_project, run_forecast
    from hnforecast.questions.compare import build_bridge

__all__ = ["build_bridge", "load_project", "run_forecast"]


def __getattr__(name: str) -> Any:
    """Load the engine only when it is asked for: the command line must start quickly."""
    if name == "build_bridge":
        from hnforecast.questions import compare as bridge

        return bridge.build_bridge
    if name in __all__:
        from hnforecast.engine import forecast

        return getattr(forecast, name)
    raise AttributeError(f"module 'hnforecast' has no attribute {name!r}")
