"""How fast and how large, against the stated limits.

    uv run python -m benchmarks            every benchmark
    uv run python -m benchmarks startup    those of one module

A module of this folder has `benchmarks()`, which yields results. Bytecode is compiled before anything is timed, as an
installer leaves it on a user's machine. Seconds depend on the machine, so each result is also told as a ratio: to a
baseline of its own measured in the same run, or else to a fixed piece of work.
"""
