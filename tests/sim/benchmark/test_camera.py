"""Laws of the camera's benchmarks."""

import pytest

from sim.benchmark import camera, measurements
from sim.benchmark.camera import measure_camera, measure_renderer_agreement


def test_the_two_renderers_agree_within_the_bar():
    close, worst, difference = measure_renderer_agreement(frames=6)
    assert close.value >= 97.0
    assert worst.value <= close.value
    assert difference.value <= 3.0


def test_both_renderers_are_measured_at_every_size_and_the_first_relative_to_the_second(monkeypatch):
    monkeypatch.setattr(measurements, "MIN_TURN_S", 0.0)
    monkeypatch.setattr(camera, "IMAGE_SIDES", (16, 32))
    monkeypatch.setattr(camera, "TILE_COUNTS", (1, 2))
    found = list(measure_camera(repeats=1))
    sizes = [f"{side}x{side}, {tiles} at a time" for side in (16, 32) for tiles in (1, 2)]
    assert [one.name for one in found] == [f"{renderer}, {size}" for size in sizes for renderer in ("gl", "tiny")]
    for ours, theirs in zip(found[::2], found[1::2], strict=True):
        assert ours.ratio == pytest.approx(ours.value / theirs.value)
        assert theirs.ratio is None
