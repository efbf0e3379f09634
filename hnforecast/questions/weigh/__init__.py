"""Options before a decision: scenarios weighed by stated criteria."""

from hnforecast.questions.weigh.weighing import Weighing, weigh
from hnforecast.questions.weigh.weights import Weights, load_weights

__all__ = ["Weighing", "Weights", "load_weights", "weigh"]
