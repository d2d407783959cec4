"""DAgger drives new episodes each round, labels all by the expert, and trains on all that it has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from policies.dataset.episodes import open_dataset
from policies.policy import ObservationBatch, Policy, PolicySpec
from scenarios.common.errors import InputError
from sim.training import run_dagger

pytestmark = pytest.mark.slow  # drives and encodes episodes

SIZE = (48, 64)


class Ahead:
    """Drives straight on, and slower with every training."""

    def __init__(self, speed: float, image_size: tuple[int, int] | None = SIZE) -> None:
        self.spec = PolicySpec(f"ahead-{speed:g}", image_size, 0.1, (0.0, 0.0, 0.0))
        self._speed = speed

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Keep nothing."""

    def act(self, batch: ObservationBatch) -> np.ndarray:
        assert batch.pixels is not None
        assert batch.pixels.shape[1:] == (*SIZE, 3)
        return np.tile(np.float32([self._speed, 0.0, 0.0]), (len(batch.live), 1))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("session", "parallel"):
        monkeypatch.setattr(f"sim.record.{module}.RECORDING_BATCH", 2)


def test_rounds_are_driven_labelled_added_and_trained_on(tmp_path: Path) -> None:
    trained_on: list[list[str]] = []

    def train(datasets: Sequence[Path]) -> Policy:
        trained_on.append([folder.name for folder in datasets])
        return Ahead(1.0 / len(datasets))

    result = run_dagger(None, train, rounds=3, episodes=2, out=tmp_path / "data", image_size=SIZE)
    assert trained_on == [[f"round-{number:02d}" for number in range(count)] for count in (1, 2, 3)]
    assert [each.driver for each in result.rounds] == ["expert", "ahead-1", "ahead-0.5"]
    assert result.policy.spec.name == "ahead-0.333333"
    scenes = []
    for each in result.rounds:
        dataset = open_dataset(each.dataset)
        assert len(dataset) == each.recording.kept
        for demonstration in dataset:
            assert demonstration.pixels.shape[1:] == (*SIZE, 3)
            assert demonstration.scene is not None
            assert demonstration.scene.suite_seed == 1000
            scenes.append(demonstration.scene.episode)
            if each.number == 2:
                assert np.allclose(demonstration.executed, [0.5, 0.0, 0.0])
                assert not np.allclose(demonstration.actions, demonstration.executed)
    assert len(set(scenes)) == len(scenes)  # no scene twice
    assert max(scenes) >= 4


def test_a_policy_that_is_there_drives_the_first_round_and_rounds_are_told(tmp_path: Path) -> None:
    told: list[str] = []
    run_dagger(
        Ahead(0.8),
        lambda _: Ahead(0.7),
        rounds=1,
        episodes=1,
        out=tmp_path / "data",
        image_size=SIZE,
        on_round=lambda each: told.append(each.driver),
    )
    assert told == ["ahead-0.8"]


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"seed": 5}, "suite seed 5 belongs to the test split"),
        ({"rounds": 0}, "0 rounds of 1 episodes: both must be at least 1"),
        ({"scenario": "coridor"}, "unknown scenario"),
        ({"image_size": (96, 96)}, r"takes frames of 48x64 pixels.*give image_size=\(48, 64\)"),
    ],
)
def test_arguments_that_are_not_possible_are_named(kwargs: dict[str, Any], message: str, tmp_path: Path) -> None:
    arguments = {"rounds": 1, "episodes": 1, "image_size": SIZE, **kwargs}
    with pytest.raises(InputError, match=message):
        run_dagger(Ahead(1.0), lambda _: Ahead(1.0), out=tmp_path / "data", **arguments)


def test_an_old_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="out"):
        run_dagger(Ahead(1.0), lambda _: Ahead(1.0), out=tmp_path)
