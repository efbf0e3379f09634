"""The faults of tests/faults.yaml still have their places, are code, and have tests to find them."""

from __future__ import annotations

import pytest

from tests.mutants import ROOT, MutantsError, faulty, read_faults

FAULTS = read_faults()
ENGINE = "hnforecast/engine/"


def test_every_fault_has_its_place_and_is_code() -> None:
    gone = []
    for fault in FAULTS:
        try:
            compile(faulty(fault), fault.file, "exec")
        except (MutantsError, OSError) as error:
            gone.append(str(error))
    assert not gone, "\n".join(gone)
    for fault in FAULTS:
        assert fault.old != fault.new
        assert all((ROOT / test).is_file() for test in fault.tests), fault.tests


def test_there_are_enough_of_them_and_none_twice() -> None:
    assert len(set(FAULTS)) == len(FAULTS) >= 60
    assert sum(fault.file.startswith(ENGINE) for fault in FAULTS) >= 30
    assert 15 <= sum(fault.sample for fault in FAULTS) <= 40


def test_a_place_that_is_gone_is_told() -> None:
    from dataclasses import replace

    with pytest.raises(MutantsError, match="has 0 times 'no such text', expected once"):
        faulty(replace(FAULTS[0], old="no such text"))
