from __future__ import annotations

import numpy as np
import pytest

from envs.camera.bodies.agreement import find_differences
from envs.camera.shot import CameraImage


def picture(*bodies: tuple[int, slice, int]) -> CameraImage:
    """A white picture with bodies: id with link, columns, grey level."""
    rgb, ids = np.full((40, 100, 3), 255, np.uint8), np.full((40, 100), -1, np.int32)
    for body, columns, level in bodies:
        rgb[:, columns], ids[:, columns] = level, body
    return CameraImage(rgb, None, ids)


def test_equal_pictures_have_no_differences() -> None:
    same = picture((0, slice(0, 50), 9), (3 + (2 << 24), slice(60, 90), 80))
    assert find_differences(same, same) == []
    nearly = picture((0, slice(0, 50), 20), (3, slice(60, 90), 70))  # links aren't told apart
    assert find_differences(same, nearly) == []


def test_a_body_of_another_colour_is_named_with_its_share() -> None:
    ours, theirs = (picture((0, slice(0, 50), 9), (3, slice(60, 90), level)) for level in (80, 180))
    (found,) = find_differences(ours, theirs)
    assert found == (3, 1.0, 0.0, 100.0)


def test_a_missing_body_and_the_one_behind_it_are_named() -> None:
    ours = picture((0, slice(0, 50), 9))
    theirs = picture((0, slice(0, 50), 9), (2, slice(40, 60), 200))
    behind, missing = find_differences(ours, theirs)
    assert (behind.body, behind.outline) == (0, pytest.approx(0.2))
    assert (missing.body, missing.share, missing.outline) == (2, 1.0, 1.0)


def test_a_hundredth_of_a_body_may_differ() -> None:
    ours, theirs = picture((0, slice(0, 100), 9)), picture((0, slice(0, 100), 9))
    theirs.rgb[0, :40] = 200
    assert find_differences(ours, theirs) == []
    theirs.rgb[0, 40] = 200
    assert [found.share for found in find_differences(ours, theirs)] == [41 / 4000]


def test_pictures_without_bodies_are_alike() -> None:
    assert find_differences(picture(), picture()) == []
