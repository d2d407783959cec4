"""Laws of PyBullet's own cameras in the comparison."""

import numpy as np
import pytest

from sim.benchmark.peers.scripts.our_steps import open_scene as open_ours
from sim.benchmark.peers.scripts.pybullet_camera import open_scene


def test_tiny_renderer_draws_the_same_scene_as_we_do():
    theirs, draw = open_scene(224, "corridor", 0, "tiny")
    ours, step = open_ours(224, "corridor", 0)
    assert theirs["triangles"] == ours["triangles"]
    difference = np.abs(draw().astype(int) - step().pixels[0].astype(int))
    assert np.median(difference) <= 1
    assert np.mean(difference) < 1


def test_an_unknown_camera_is_refused():
    with pytest.raises(KeyError):
        open_scene(224, "corridor", 0, "nonesuch")
