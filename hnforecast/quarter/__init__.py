"""The quarter: the agreement, the year monitored against its actuals, and the returns to the Department."""
