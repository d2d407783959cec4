"""Random generators of episodes, derived from (suite seed, scenario, episode number) alone."""

from __future__ import annotations

import hashlib

import numpy as np


def episode_seed(suite_seed: int, scenario: str, episode: int) -> int:
    """Return the 63-bit seed of one episode: equal arguments, equal seed, on any machine.

    A hash rather than an offset, so that neighbouring suites and episodes never share random numbers.
    """
    text = f"{suite_seed}/{scenario}/{episode}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def make_generator(seed: int, purpose: str = "world") -> np.random.Generator:
    """Make the generator for one purpose of one episode ('world', 'noise', ...).

    Each purpose has its own generator, so that more draws for one purpose never change another.
    """
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
