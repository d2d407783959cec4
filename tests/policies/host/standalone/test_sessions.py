"""What a session has for itself."""

from __future__ import annotations

import random

import numpy as np

from policies.host.standalone.sessions import GlobalGenerators, seed_generators


def test_generators_of_a_process_are_restored_to_the_bit() -> None:
    seed_generators(3)
    kept = GlobalGenerators()
    first = random.random(), np.random.random()  # noqa: NPY002
    kept.restore()
    assert (random.random(), np.random.random()) == first  # noqa: NPY002
