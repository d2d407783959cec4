"""Laws of our own scenes in the comparison."""

import numpy as np
import pytest

from sim.benchmark.peers.scripts.our_steps import make_sway_command, make_world, open_scene


@pytest.mark.parametrize("scene", ["corridor", "boxes"])
def test_a_step_gives_a_picture_and_the_episode_goes_on(scene):
    description, step = open_scene(224, scene, 3)
    assert description["triangles"] > 100
    assert scene in description["name"]
    results = [step() for _ in range(100)]
    assert results[-1].states[0].status is None
    assert results[-1].pixels.shape == (1, 224, 224, 3)
    assert np.ptp(results[-1].pixels) > 50


def test_another_size_than_the_robot_s_is_refused():
    with pytest.raises(ValueError, match="224 pixels a side, not 64"):
        open_scene(64, "corridor", 0)


def test_the_boxes_are_as_many_as_asked_for_and_swaying_changes_sides():
    assert sum(item.name.startswith("box-") for item in make_world("boxes", 30).items) == 30
    assert (make_sway_command(1).mean == -make_sway_command(2).mean).all()
