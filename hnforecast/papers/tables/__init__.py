"""The tidy tables of a run, as rows."""
