"""Laws of a digest: equal for equal episodes, another for any other."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest

from scenarios.lookup import get_scenario
from sim.rollout.digest import DigestObserver, combine_digests
from sim.rollout.episode import Episode, InferenceTime, Outcome

EPISODE = Episode("corridor", 1, 0)


@pytest.fixture(scope="module")
def world():
    return get_scenario("corridor").world(1, 0)


def state(world, x=0.0, status=None, touched=None):
    pose = np.array([world.start.x + x, world.start.y, world.start.yaw])
    agent_pos = np.array([1, 0, 0, x, 0, 0], np.float32)
    seen = {"status": status, "touched": touched, "clearance_m": 0.5 - x, "progress": ()}
    return SimpleNamespace(pose=pose, agent_pos=agent_pos, **seen)


def drive(observer, world, slot=0, xs=(0.1, 0.2), action=(0.5, 0.0, 0.0), pixel=0):
    pixels = np.full((4, 4, 3), pixel, np.uint8)
    observer.started(slot, EPISODE, world, pixels, state(world))
    for x in xs:
        last = x == xs[-1]
        after = state(world, x, "collision" if last else None, "box-0" if last else None)
        observer.stepped(slot, np.float32(action), pixels, after, InferenceTime())
    observer.ended(slot, Outcome("collision", len(xs)))


def digest(world, **changes):
    observer = DigestObserver()
    drive(observer, world, **changes)
    return observer.digests[changes.get("slot", 0)]


def test_equal_episodes_have_equal_digests_in_whatever_slot(world):
    assert digest(world) == digest(world) == digest(world, slot=3)


@pytest.mark.parametrize("change", [{"pixel": 1}, {"action": (0.5, 0.0, 1e-6)}, {"xs": (0.1, 0.2001)}, {"xs": (0.1,)}])
def test_a_digest_moves_with_frames_actions_and_states(world, change):
    assert digest(world) != digest(world, **change)


def test_interleaved_slots_do_not_mix(world):
    together = DigestObserver()
    pixels = np.zeros((4, 4, 3), np.uint8)
    for slot in (0, 1):
        together.started(slot, EPISODE, world, pixels, state(world))
    for x in (0.1, 0.2):
        for slot in (0, 1):
            together.stepped(slot, np.float32([0.5, 0, 0]), pixels, state(world, x), InferenceTime())
    for slot in (0, 1):
        together.ended(slot, Outcome("collision", 2))
    assert together.digests[0] == together.digests[1] == digest(world)


def test_the_digest_of_many_episodes_depends_on_neither_their_order_nor_less_than_all():
    one = combine_digests(["b", None, "a"])
    assert one == combine_digests(["a", "b", None]) == hashlib.sha256(b"a\nb\nnull\n").hexdigest()
    assert len({one, combine_digests(["a", "b"]), combine_digests(["a", "b", None, None]), combine_digests([])}) == 4
