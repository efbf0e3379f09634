"""What a run prints: plain text tables as wide as the screen, at most 80 columns, in characters every console has.

Nothing here prints; the command line does.
"""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, NARROWEST = 80, 40
GAP = 2


def screen_width() -> int:
    """Columns to write in: 80, or fewer where the screen (or the variable COLUMNS) has fewer."""
    import shutil

    return max(NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def fitting(columns: list[list[str]], room: int) -> list[list[list[str]]]:
    """Columns in groups that fit side by side, each group at least one."""
    groups: list[list[list[str]]] = []
    used = room + 1
    for column in columns:
        width = GAP + max(map(len, column))
        if used + width > room:
            groups.append([])
            used = 0
        groups[-1].append(column)
        used += width
    return groups


def text_table(columns: Sequence[Sequence[str]]) -> str:
    """Columns as lines of text, the first to the left, the others to the right, a rule of dashes under the header."""
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for r, cells in enumerate(zip(*columns, strict=True)):
        padded = [
            cell.ljust(width) if c == 0 else cell.rjust(width)
            for c, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        lines.append((" " * GAP).join(padded).rstrip())
        if r == 0:
            lines.append((" " * GAP).join("-" * width for width in widths))
    return "\n".join(lines)


def listing(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table with everything to the left, the last column wrapped to the width of the screen."""
    widths = [max(len(row[c]) for row in (header, *rows)) for c in range(len(header) - 1)]
    indent = sum(widths) + GAP * len(widths)
    lines: list[str] = []
    for r, row in enumerate((header, *rows)):
        start = "".join(cell.ljust(width + GAP) for cell, width in zip(row, widths, strict=False))
        if indent > screen_width() // 2:  # too little room beside: the last column goes below
            lines += [wrap(start.rstrip(), hanging=4) if len(start.rstrip()) > screen_width() else start.rstrip()]
            lines.append(wrap(row[-1], indent=4))
        else:
            lines.append(start + wrap(row[-1], indent=indent).lstrip())
        if r == 0:
            lines.append("-" * min(screen_width(), max(map(len, "\n".join(lines).splitlines()))))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def wrap(text: str, indent: int = 0, hanging: int = 0) -> str:
    """Text in lines as wide as the screen, at most 80 characters, each after so many blanks.

    Lines after the first stand `hanging` further in.
    """
    import textwrap

    width = max(NARROWEST // 2, screen_width() - indent)
    after = " " * hanging
    lines = textwrap.wrap(text, width, subsequent_indent=after, break_on_hyphens=False, break_long_words=False) or [""]
    return "\n".join(" " * indent + line for line in lines)
