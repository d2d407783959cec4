"""Laws of rebuilding scenes."""

from __future__ import annotations

import numpy as np
import pytest
from answering import constant
from driven_scenes import make_scene, make_set, make_subject
from recorded import FakeSet, demonstration

from policies.dataset.mapping.mapping import NO_STATE
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering.scenes import rebuild_scenes
from sim.offline.metrics.gathering.subject import NotAvailableError

NOTHING = Evidence(0.1, 1, ())


def rebuilt(recording):
    return rebuild_scenes(make_subject(constant(0, 0, 0), recording), NOTHING)


def test_the_robot_is_where_it_was_and_movers_where_they_would_be_unless_they_waited():
    (scene,) = rebuilt(make_set("crossing", frames=5))
    original, _ = make_scene("crossing", frames=5)
    assert scene.poses == pytest.approx(original.poses, abs=1e-5)
    assert np.array_equal(scene.progress, original.progress)
    assert scene.world == original.world


def test_a_data_set_from_elsewhere_has_no_scenes():
    with pytest.raises(NotAvailableError, match="doesn't name the scenes"):
        rebuilt(FakeSet(demonstration([[0, 0, 0]], scene=None)))


def test_without_odometry_nobody_knows_where_the_robot_was():
    with pytest.raises(NotAvailableError, match="no odometry"):
        rebuilt(FakeSet(demonstration([[0, 0, 0]]), state=NO_STATE))
