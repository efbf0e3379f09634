"""The agreement with the Department: its conditions, payments and review triggers, tracked against what happened."""

from hnforecast.quarter.agreement.file import Agreement, load_agreement
from hnforecast.quarter.agreement.tracking import Standing, track_agreement, without_agreement

__all__ = ["Agreement", "Standing", "load_agreement", "track_agreement", "without_agreement"]
