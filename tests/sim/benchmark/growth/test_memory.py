"""Laws of the closed-loop benchmarks."""

import subprocess
import sys
from pathlib import Path

import pytest

from sim.benchmark import closed_loop
from sim.benchmark.closed_loop import Stopwatch, measure_memory, profile_control_step

pytestmark = pytest.mark.slow  # drives episodes

ROOT = Path(__file__).parents[3]


@pytest.fixture
def few_slots(monkeypatch):
    monkeypatch.setattr(closed_loop, "SLOTS", 2)


def test_a_stopwatch_counts_what_its_functions_took_even_if_they_raise(monkeypatch):
    ticks = iter([0.0, 1.0, 5.0, 7.0])
    monkeypatch.setattr(closed_loop.time, "perf_counter", lambda: next(ticks))

    class Thing:
        def good(self):
            return 3

        def bad(self):
            raise ValueError

    clock, thing = Stopwatch(), Thing()
    clock.watch("part", thing, "good", "bad")
    assert thing.good() == 3
    with pytest.raises(ValueError):
        thing.bad()
    assert clock.seconds["part"] == pytest.approx(3.0)


def test_the_parts_of_a_step_add_up_to_the_whole(few_slots):
    *parts, whole = profile_control_step("straight")
    assert sum(part.value for part in parts) == pytest.approx(whole.value)
    assert sum(part.ratio for part in parts) == pytest.approx(1.0)
    assert min(part.value for part in parts) >= 0.0


def test_memory_is_measured_after_a_tenth_of_the_episodes_and_after_all(few_slots):
    early, late = measure_memory(episodes=4)
    assert (early.name, late.name) == ("after 2 episodes", "after 4 episodes")
    assert early.ratio is None
    assert late.ratio == pytest.approx(late.value / early.value)
    assert late.ratio < 1.5


def test_resident_memory_grows_with_what_is_held():
    # In a fresh process: one that has freed memory before may hold new arrays in it.
    code = (
        "import numpy as np; from sim.benchmark.closed_loop import resident_mb; before = resident_mb(); "
        "held = np.ones(8 * 2**20); print(resident_mb() - before, held.all())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert 56 < float(ran.stdout.split()[0]) < 90
