"""One random generator per episode, made from (suite seed, scenario, episode number) alone."""

from __future__ import annotations

import hashlib

import numpy as np


def episode_seed(suite_seed: int, scenario: str, episode: int) -> int:
    """Return the 63-bit seed of one episode: equal arguments, equal seed, on any machine.

    A hash rather than an offset, so that neighbouring suites or episodes never share a draw.
    """
    text = f"{suite_seed}/{scenario}/{episode}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def make_generator(seed: int, purpose: str = "world") -> np.random.Generator:
    """Make the generator for one purpose of one episode ('world', 'noise', ...).

    Purposes have generators of their own, so that drawing more for one never moves another.
    """
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
