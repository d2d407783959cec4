"""Laws of the simulation of all intervals."""

from __future__ import annotations

from sim.benchmark.coverage import run


def test_every_interval_that_is_reported_is_simulated(monkeypatch):
    asked = []
    for name in ("success", "paired", "language", "correlations", "episodes", "errors"):
        monkeypatch.setattr(run, f"cover_{name}", lambda *given, name=name: asked.append((name, *given)) or iter(()))
    assert list(run.simulate_coverage((5, 20), (40,), 400)) == []
    assert asked == [
        ("success", (5, 20)),
        ("paired", (5, 20), 400),
        ("language", (5, 20), 400),
        ("correlations", (5, 20), 200),
        ("episodes", (40,), 5, 4),
        ("errors", (5, 20), 50),
    ]
