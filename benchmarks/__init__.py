"""How fast and how large, against the stated limits.

    uv run python -m benchmarks            every benchmark
    uv run python -m benchmarks startup    those of one module

A module of this folder has `benchmarks()`, which yields results. Seconds depend on the machine, so each result is also
told as a ratio to a baseline measured in the same run on the same machine.
"""
