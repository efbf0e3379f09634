"""Why two forecasts differ: movements that add up exactly, whatever the order in which they are told.

    sides -> hybrids (each driver from one side or the other) -> shapley -> Bridge

`build_bridge` is the way in.
"""

from hnforecast.questions.compare.build import Bridge, Movement, build_bridge
from hnforecast.questions.compare.hybrids import GROUPS
from hnforecast.questions.compare.recorded import Recorded, read_recorded

__all__ = ["GROUPS", "Bridge", "Movement", "Recorded", "build_bridge", "read_recorded"]
