"""`python -m hnforecast`: the same as the `hnforecast` command, for machines where scripts are not on the path."""

from __future__ import annotations

from hnforecast.cli import main

if __name__ == "__main__":
    main()
