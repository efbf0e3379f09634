"""The charts of a run: their data, their words and the drawing."""
