"""A council folder made from published data: the draft of a vintage, its inputs, and what is still unknown."""
