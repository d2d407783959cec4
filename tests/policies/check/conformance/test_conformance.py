"""Every item is compared once, whatever data set and policy."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from policies.check.conformance.conformance import compare_with_dataset, spread_numbers
from policies.check.findings import UNDECLARED
from policies.dataset import DatasetWriter
from policies.dataset.episodes import open_dataset
from policies.policy import PolicySpec

SPEC = PolicySpec("tested", (224, 224), 0.1, (0.0, 0.0, 0.0))


def test_numbers_are_spread_from_the_first_to_the_last() -> None:
    assert spread_numbers(101, 3) == [0, 50, 100]
    assert spread_numbers(2, 6) == [0, 1]
    assert spread_numbers(1, 6) == [0]


def test_every_item_stands_once_and_nothing_is_told_without_motion_and_renderer(demonstration, tmp_path: Path) -> None:
    with DatasetWriter(tmp_path / "set", fps=Fraction(10)) as writer:
        for number in range(2):
            writer.add(demonstration(number))
    found = compare_with_dataset(SPEC, open_dataset(tmp_path / "set"), None)
    items = [each.item for each in found]
    assert len(items) == len(set(items)) == 18
    told = {each.item for each in found if each.verdict != UNDECLARED}
    assert told == {"image size", "period", "action columns", "state columns"}


def test_stored_frames_that_are_rendered_again_match(demonstration, tmp_path: Path) -> None:
    made = [demonstration(number) for number in range(2)]
    with DatasetWriter(tmp_path / "set", fps=Fraction(10)) as writer:
        for episode in made:
            writer.add(episode)

    def render(scenes, image_size) -> list[np.ndarray]:
        return [made[scene.episode].pixels[0] for scene in scenes]

    found = compare_with_dataset(SPEC, open_dataset(tmp_path / "set"), render)
    assert [each.verdict for each in found if each.item == "start frame"] == ["MATCH"]
