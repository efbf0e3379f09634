"""Strict readers of what was published or recorded: equal to what was written, or refused; never silently different."""
