"""What a question comes to: its page, its tables, its charts and its plain figures, whoever is shown which."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hnforecast.writing.blocks import Block, as_markdown, as_text
from hnforecast.writing.csvtext import Table, to_csv


@dataclass(frozen=True)
class Answer:
    """One answer, made by its question alone; what is written only to a folder is made only for one.

    Args:
        name: of its page in a folder, without ending.
        plain: the figures as JSON has them, `schema` first.
        page: for the screen and, as Markdown, for a folder; empty where there is none.
        text: what the screen shows where that is no page.
        tables, charts: made when asked for; charts are file name -> content.
        keeps_plain: whether the folder holds the JSON, too.
    """

    name: str
    plain: Mapping[str, Any]
    page: Sequence[Block] = ()
    text: str = ""
    tables: Callable[[], Sequence[Table]] = tuple
    charts: Callable[[], Mapping[str, bytes]] = dict
    keeps_plain: bool = False

    def shown(self, as_json: bool) -> str:
        """What is printed, ending with a line's end."""
        text = self.json() if as_json else self.text or as_text(self.page)
        return text if text.endswith("\n") else f"{text}\n"

    def json(self) -> str:
        """The plain figures as text."""
        return json.dumps(self.plain, indent=2, allow_nan=False)

    def files(self) -> dict[str, bytes]:
        """Name -> content of everything the answer writes into a folder."""
        files = {f"{self.name}.md": as_markdown(self.page).encode("utf-8")} if self.page else {}
        files |= {f"{table.name}.csv": to_csv(table) for table in self.tables()}
        files |= {f"{self.name}.json": f"{self.json()}\n".encode()} if self.keeps_plain else {}
        return {**files, **self.charts()}
