"""Starts are compared where they can be rendered; where they can't, the reason is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from faulty_policies import SPEC

from policies.check.conformance import starts
from policies.check.conformance.pictures import Geometry, PictureDifference
from policies.check.conformance.starts import ITEMS, RecordedStart, compare_starts, find_renderer, judge_difference
from policies.check.contract.samples import make_samples
from policies.check.findings import MATCH, MISMATCH, UNDECLARED
from policies.dataset import SceneRef
from scenarios.common.errors import InputError

FRAMES = [sample.pixels[0] for sample in make_samples(SPEC, 3, 1)]
STARTS = [RecordedStart(SceneRef("corridor", 1, number), frame) for number, frame in enumerate(FRAMES)]


def render(scenes, image_size):
    assert image_size == SPEC.image_size
    return [FRAMES[scene.episode] for scene in scenes]


def verdicts(found) -> dict[str, str]:
    return {each.item: each.verdict for each in found}


def test_equal_pictures_match_in_every_item() -> None:
    assert verdicts(compare_starts(STARTS, render)) == dict.fromkeys(ITEMS, MATCH)


@pytest.mark.parametrize(
    ("recorded", "renderer", "reason"),
    [
        ([start._replace(scene=None) for start in STARTS], render, "doesn't name the scenes"),
        (STARTS, None, "no renderer"),
        (STARTS, lambda scenes, image_size: (_ for _ in ()).throw(InputError("unknown scenario")), "unknown scenario"),
    ],
)
def test_without_scenes_or_renderer_nothing_is_told_and_the_reason_is(recorded, renderer, reason) -> None:
    found = compare_starts(recorded, renderer)
    assert verdicts(found) == dict.fromkeys(ITEMS, UNDECLARED)
    assert all(reason in each.evidence for each in found)


@pytest.mark.parametrize(
    ("difference", "item", "said"),
    [
        (PictureDifference(Geometry(True), False, 1, 0, 1, 0.99, 1), "orientation", "mirrored"),
        (PictureDifference(Geometry(False, True), False, 1, 0, 1, 0.99, 1), "orientation", "upside down"),
        (PictureDifference(Geometry(True, True), False, 1, 0, 1, 0.99, 1), "orientation", "turned by half"),
        (PictureDifference(Geometry(), True, 1, 0, 1, 0.99, 1), "channel order", "BGR"),
        (PictureDifference(Geometry(zoom=1.428), False, 1, 0, 1, 0.99, 1), "field of view", "70°"),
        (PictureDifference(Geometry(stretch=0.75), False, 1, 0, 1, 0.99, 1), "aspect ratio", "squeezed 1.33 times"),
        (PictureDifference(Geometry(right_px=-8.2), False, 1, 0, 1, 0.99, 1), "position", "8 px left"),
        (PictureDifference(Geometry(), False, 1.3, 0, 1, 0.99, 1), "brightness", "1.30 times"),
        (PictureDifference(Geometry(), False, 1.0, 12, 1, 0.99, 1), "brightness", "+12 levels"),
        (PictureDifference(Geometry(), False, 1, 0, 0.2, 0.99, 1), "sharpness", "blurred"),
    ],
)
def test_each_difference_is_said_in_its_item_alone(difference: PictureDifference, item: str, said: str) -> None:
    found = {each.item: each for each in judge_difference(difference, 6)}
    assert {name for name, each in found.items() if each.verdict == MISMATCH} == {"start frame", item}
    assert said in found[item].declared
    assert item in found["start frame"].evidence


def test_other_scenes_leave_the_rest_open() -> None:
    found = judge_difference(PictureDifference(Geometry(True), True, 2.0, 0.0, 0.1, 0.4, 60.0), 6)
    assert verdicts(found) == {"start frame": MISMATCH, **dict.fromkeys(ITEMS[1:], UNDECLARED)}


def test_the_renderer_is_the_one_that_an_installed_distribution_names(tmp_path: Path, monkeypatch) -> None:
    metadata = tmp_path / "checks-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: checks\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[test.checks]\nrender_starts = shutil:copytree\nother = no_such:it\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(starts, "ENTRY_POINT_GROUP", "test.checks")
    found = find_renderer()
    assert found is not None
    assert found.__name__ == "copytree"
    monkeypatch.setattr(starts, "ENTRY_POINT", "other")
    with pytest.raises(InputError, match="no_such:it"):
        find_renderer()
    monkeypatch.setattr(starts, "ENTRY_POINT", "absent")
    assert find_renderer() is None


def test_frames_of_another_size_than_the_first_are_left_out() -> None:
    odd = RecordedStart(SceneRef("corridor", 1, 2), np.zeros((8, 8, 3), np.uint8))
    assert verdicts(compare_starts([*STARTS[:2], odd], render)) == dict.fromkeys(ITEMS, MATCH)
