"""From a resolved scenario to the arrays the model takes: one module a stage, each with the draw axis first.

Measures act here, on drivers, so that a saving is always the difference they make and never a number typed in.
"""
