"""Laws of the memory benchmark."""

import subprocess
import sys
from pathlib import Path

import pytest

from sim.benchmark.growth.memory import measure_memory

ROOT = Path(__file__).parents[4]


@pytest.mark.slow  # drives episodes
def test_memory_is_measured_after_a_tenth_of_the_episodes_and_after_all():
    early, late = measure_memory(episodes=12)
    assert (early.name, late.name) == ("after 10 episodes", "after 12 episodes")
    assert early.ratio is None
    assert late.ratio == pytest.approx(late.value / early.value)
    assert late.ratio < 1.5


def test_resident_memory_grows_with_what_is_held():
    # In a fresh process: one that has freed memory before may hold new arrays in it.
    code = (
        "import numpy as np; from sim.benchmark.growth.memory import resident_mb; before = resident_mb(); "
        "held = np.ones(8 * 2**20); print(resident_mb() - before, held.all())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert 56 < float(ran.stdout.split()[0]) < 90
