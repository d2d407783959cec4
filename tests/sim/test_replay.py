"""Laws of ``python -m sim.replay``: a data set passes if it is driven again as it was recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from policies.dataset import Dataset, Demonstration
from policies.dataset.hdf5.reader import Hdf5Dataset
from policies.dataset.hdf5.writer import Hdf5Writer
from scenarios.common.errors import InputError
from sim.record.dataset import record_dataset
from sim.record.session import EXPERT, RecordingConfig
from sim.replay import POSE_TOLERANCE_M, main, make_parser, replay_dataset

pytestmark = pytest.mark.slow  # records and drives episodes again


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two successes of the expert."""
    folder = tmp_path_factory.mktemp("replay") / "set"
    record_dataset(RecordingConfig(EXPERT, "corridor", 1000, 2), folder)
    return folder


def change(dataset: Dataset, monkeypatch: pytest.MonkeyPatch, **fields: object) -> None:
    """Have every demonstration of a data set differ in these fields."""
    whole = dataset.demonstration
    monkeypatch.setattr(dataset, "demonstration", lambda number: replace(whole(number), **fields))


def test_a_success_that_is_driven_again_is_one_on_the_same_path(recorded: Path) -> None:
    results = list(replay_dataset(Dataset(recorded)))
    assert [(result.number, result.status, result.passed) for result in results] == [
        (0, "success", True),
        (1, "success", True),
    ]
    assert max(result.drift_m for result in results) <= POSE_TOLERANCE_M


def test_actions_that_lead_elsewhere_do_not_pass(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = Dataset(recorded)
    change(dataset, monkeypatch, executed=np.zeros_like(dataset.demonstration(0).executed))
    result = next(replay_dataset(dataset))
    assert not result.passed
    assert result.status == "unfinished"
    assert result.drift_m > 1.0


def test_the_same_path_with_another_verdict_does_not_pass(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = Dataset(recorded)
    change(dataset, monkeypatch, success=False)
    result = next(replay_dataset(dataset))
    assert (result.status, result.passed, result.recorded_success) == ("success", False, False)
    assert result.drift_m <= POSE_TOLERANCE_M


def one_frame(folder: Path, period_s: float) -> Path:
    """A data set of one frame whose scene nobody wrote down."""
    with Hdf5Writer(folder, period_s=period_s, label=lambda _: "cell") as writer:
        frames, zeros = np.zeros((1, 64, 64, 3), np.uint8), np.zeros((1, 3), np.float32)
        writer.add(Demonstration(None, "go", True, "expert", np.zeros((1, 6), np.float32), zeros, zeros, pixels=frames))
    return folder


@pytest.mark.parametrize("period_s", [0.25, 0.05])
def test_frames_that_are_not_whole_control_periods_apart_are_refused(tmp_path: Path, period_s: float) -> None:
    with pytest.raises(InputError, match=r"whole multiple of the control period, 0\.1 s"):
        next(replay_dataset(Hdf5Dataset(one_frame(tmp_path / "set", period_s))))


def test_a_data_set_without_scenes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="doesn't name the scene that episode 0 was recorded in"):
        main([str(one_frame(tmp_path / "set", 0.1))])


def test_every_data_set_is_replayed_and_the_exit_code_tells_whether_all_passed(
    recorded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(recorded), str(recorded), "--episodes", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{recorded}: 1 of 1 demonstrations replayed as recorded"] * 2
    other = Dataset(recorded)
    change(other, monkeypatch, success=False)
    opened = iter([other, Dataset(recorded)])
    monkeypatch.setattr("sim.replay.open_dataset", lambda folder: next(opened))
    assert main(["changed", str(recorded), "--episodes", "1"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "episode 0: recorded as failure, replayed as success, 0.0000 m off the recorded path",
        f"{recorded}: 0 of 1 demonstrations replayed as recorded",
        f"{recorded}: 1 of 1 demonstrations replayed as recorded",
    ]


def test_the_help_says_what_is_compared() -> None:
    assert "as recorded" in make_parser().format_help()
