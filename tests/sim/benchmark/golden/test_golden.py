"""The golden runs hold here; and what is reported and stored where they don't."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenarios.common.errors import InputError
from sim.benchmark.golden import golden
from sim.benchmark.golden.golden import measure_golden, report_changes, versions_that_differ
from sim.benchmark.golden.stored import (
    CHANGELOG,
    DECISIVE,
    FOLDER,
    join_blanks,
    read_golden,
    read_versions,
    write_golden,
)
from sim.benchmark.golden.suite import WORLDS, Stage

STORED = read_golden()


def has_avx2() -> bool:
    info = Path("/proc/cpuinfo")
    return info.exists() and {"avx2", "fma"} <= set(info.read_text().split())


@pytest.mark.slow
def test_the_golden_runs_hold() -> None:
    """If this fails on purpose: a line in CHANGELOG.md, then ``python -m sim.benchmark golden --renew LINE``."""
    here = read_versions()
    others = [f"{name} {here[name]}" for name in DECISIVE if here[name] != STORED.made_with[name]]
    if others or not has_avx2():
        pytest.skip(f"equal hashes need AVX2, FMA and {STORED.made_with}, not {others}")
    moved = [f"{each.name}: {each.value} {each.unit}" for each in measure_golden() if each.value]
    assert not moved, "\n".join([*moved, versions_that_differ(STORED)])


def another_line() -> str:
    """The last entry of the change log."""
    return join_blanks(CHANGELOG.read_text()).split(" - ")[-1]


def pretend(monkeypatch: pytest.MonkeyPatch, stages: dict[str, Stage], frames: dict[str, np.ndarray]) -> None:
    """Let the suite compute these."""
    monkeypatch.setattr(golden, "compute_stages", lambda: stages)
    monkeypatch.setattr(golden, "draw_frames", lambda name: frames[name])


def with_moved(case: str) -> dict[str, Stage]:
    return {**STORED.stages, WORLDS: Stage({**STORED.stages[WORLDS].values, case: "another"})}


def test_what_moved_is_said_with_what_is_to_blame_and_nothing_is_stored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_golden(STORED, tmp_path)
    pretend(monkeypatch, with_moved("pursuit"), STORED.frames)
    found = {each.name: each for each in measure_golden(folder=tmp_path)}
    assert found["worlds: cases that moved"].value == 1
    assert found["worlds: cases that moved"].unit.endswith("; by draw of scenes: pursuit")
    assert found["what changed"].unit.startswith("draw of scenes")
    assert read_golden(tmp_path).stages == STORED.stages


def test_a_renewal_stores_what_moved_under_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_golden(STORED, tmp_path)
    pretend(monkeypatch, with_moved("pursuit"), STORED.frames)
    line = another_line()
    list(measure_golden(line, tmp_path))
    renewed = read_golden(tmp_path)
    assert renewed.stages[WORLDS].values["pursuit"] == "another"
    assert [each.line for each in renewed.renewals] == [*(each.line for each in STORED.renewals), line]
    assert not any(each.value for each in measure_golden(folder=tmp_path))
    with pytest.raises(InputError, match="an earlier renewal"):
        list(measure_golden(line, tmp_path))


def test_nothing_is_renewed_where_nothing_moved_or_no_line_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_golden(STORED, tmp_path)
    pretend(monkeypatch, STORED.stages, STORED.frames)
    with pytest.raises(InputError, match="nothing moved"):
        list(measure_golden(another_line(), tmp_path))
    with pytest.raises(InputError, match="no entry of"):
        list(measure_golden("because I say so", tmp_path))
    monkeypatch.setattr(golden, "CHANGELOG", tmp_path / "CHANGELOG.md")
    with pytest.raises(InputError, match="in a checkout"):
        list(measure_golden("a line", tmp_path))
    assert read_golden(tmp_path).renewals == read_golden(FOLDER).renewals


def test_other_versions_are_named_beside_what_changed() -> None:
    golden_runs = STORED.__class__(STORED.renewals, {**STORED.made_with, "numpy": "1.0"}, STORED.stages, STORED.frames)
    versions = versions_that_differ(golden_runs)
    assert versions == f"numpy {read_versions()['numpy']} instead of 1.0"
    assert list(report_changes([], versions)) == []
