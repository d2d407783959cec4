from __future__ import annotations

from dataclasses import replace

import pybullet

from envs.camera import make_renderer
from sim.benchmark.gpu.limits import DeviceLimits
from sim.benchmark.gpu.sizes import ON_CPU
from sim.benchmark.gpu.views import WORLDS, measure_views

LIMITS = DeviceLimits({}, 1e9, 1e9, 1e9)


class Noting:
    """Draws nothing, and notes which views of how many clients it was shown."""

    def __init__(self):
        self.shown = []
        self.forgotten = set()

    def render_rgb(self, shots, out):
        bodies = {shot.client: pybullet.getNumBodies(physicsClientId=shot.client) for shot in shots}
        self.shown.append((len({shot.view for shot in shots}), shots[0].width, out.shape, bodies))
        return out

    def forget(self, client):
        self.forgotten.add(client)


def test_every_size_is_drawn_with_as_many_different_views_and_once_with_nothing_in_them():
    renderer, sizes = Noting(), replace(ON_CPU, sides=(8, 16), views=(3, 20), turn_s=0.0)
    found = list(measure_views(renderer, LIMITS, sizes))
    assert [(views, side) for views, side, _, _ in renderer.shown[::6]] == [(3, 8), (20, 8), (3, 16), (20, 16)]
    assert {shape for _, _, shape, _ in renderer.shown[:6]} == {(3, 8, 8, 3)}
    full, empty = renderer.shown[-4][3], renderer.shown[-1][3]
    assert len(full) == WORLDS
    assert min(full.values()) > 0
    assert list(empty.values()) == [0]
    assert renderer.forgotten >= {*full, *empty}
    assert len(found) == 2 * 4


def test_real_pictures_have_a_rate_and_a_share_of_it():
    renderer = make_renderer()
    try:
        pictures, read = measure_views(renderer, LIMITS, replace(ON_CPU, sides=(16,), views=(2,), turn_s=0.0))
    finally:
        renderer.close()
    assert pictures.value > 0.0
    assert pictures.ratio is not None
    assert read.value == pictures.value * 16 * 16 * 3 / 1e9
