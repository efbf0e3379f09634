"""Nothing published after a January count changes what is fitted at it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from hnforecast.history.fit.proposal import Proposal, propose
from hnforecast.inputs import Panel
from hnforecast.inputs.panel_files import PANEL_FILES
from tests.fixtures_fit import CODES, KENT, NATIONAL_FOLDER, kent, published


def tampered(panel: Panel, census: int, *, authorities_only: bool) -> Panel:
    """The panel with every later figure made absurd, and a further year of each file added."""
    frames: dict[str, pd.DataFrame] = {}
    for stem, frame in panel.frames.items():
        described = PANEL_FILES[stem]
        if not described.year or described.clock in ("lookup", "edition") or described.year not in frame:
            frames[stem] = frame
            continue
        newest = frame[frame[described.year] == frame[described.year].max()].copy()
        newest[described.year] = max(int(frame[described.year].max()), census) + 1
        longer = pd.concat([frame, newest], ignore_index=True)
        years = longer[described.year].astype(int)
        later = years > (census if described.clock == "census" else census - 1)
        if authorities_only:
            later &= longer["old_la_code"] != ""
        numbers = [name for name in described.measures if name in longer]
        longer.loc[later, numbers] = longer.loc[later, numbers].astype(float) * 7.0 + 13.0
        frames[stem] = longer
    return replace(panel, frames=MappingProxyType(frames))


def same(first: Proposal, second: Proposal) -> None:
    for name in ("new", "share", "hazard", "moves", "net_other", "exit_factor", "counts"):
        assert np.array_equal(getattr(first.rates, name), getattr(second.rates, name)), name
    for name in ("new", "share", "hazard", "moves", "net_other", "level", "exits"):
        assert np.array_equal(getattr(first.errors, name), getattr(second.errors, name)), name
    assert {name: step.value for name, step in first.pipeline.items()} == {
        name: step.value for name, step in second.pipeline.items()
    }
    for census, table in first.rates.opening.items():
        assert np.array_equal(table, second.rates.opening[census])


@pytest.mark.parametrize(("census", "authorities_only"), [(2025, False), (2022, True)])
def test_later_figures_change_nothing(census: int, authorities_only: bool) -> None:
    """At January 2022 England's later rows stand in for a shape by age that was not out: declared, so left alone."""
    changed = tampered(published(), census, authorities_only=authorities_only)
    assert any(len(changed.frames[stem]) > len(frame) for stem, frame in published().frames.items())
    same(kent(census), propose(NATIONAL_FOLDER, KENT, census, CODES, panel=changed))
    assert kent(census).rates.shape.hindsight is authorities_only


def test_earlier_figures_do_change_it() -> None:
    changed = tampered(published(), 2023, authorities_only=False)
    other = propose(NATIONAL_FOLDER, KENT, 2025, CODES, panel=changed)
    assert not np.array_equal(other.rates.new, kent(2025).rates.new)
