"""Sessions: what each client of a host has for itself."""

from __future__ import annotations

import math
import mmap
import random
import socket
import sys
from typing import Any

import numpy as np

from .loading import find_world_classes


class GlobalGenerators:
    """The states of the generators that all of a process draw from: Python's, NumPy's and torch's."""

    def __init__(self) -> None:
        self._python, self._numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
        self._torch = self._cuda = None
        if (torch := sys.modules.get("torch")) is not None:
            self._torch = torch.get_rng_state()
            self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None

    def restore(self) -> None:
        """Make these the present states."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)  # noqa: NPY002
        if self._torch is not None:
            sys.modules["torch"].set_rng_state(self._torch)
        if self._cuda is not None:
            sys.modules["torch"].cuda.set_rng_state_all(self._cuda)


def seed_generators(seed: int) -> None:
    """Seed all of them."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if (torch := sys.modules.get("torch")) is not None:
        torch.manual_seed(seed)


class Session:
    """One client: a connection, a policy object of its own, and the memory that its frames come through."""

    def __init__(self, link: socket.socket, generators: GlobalGenerators) -> None:
        self.link, self.generators = link, generators
        self.policy: Any = None
        self.frames: mmap.mmap | None = None
        self.worlds: tuple[Any, ...] = ()
        self.world_classes: tuple[Any, Any] | None = None  # found at the first request that needs them

    def attach(self, path: str | None) -> None:
        """Open the file of shared memory that the client writes its frames to."""
        if path is not None:
            with open(path, "rb") as file:
                self.frames = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def read_frames(self, pixels: Any) -> np.ndarray | None:
        """Return the frames of a request: an array that nobody else has."""
        if pixels is None or isinstance(pixels, np.ndarray):
            return None if pixels is None else pixels.copy()
        if self.frames is None:
            raise ValueError("there is no shared memory to take frames from")
        return np.frombuffer(self.frames, np.uint8, math.prod(pixels)).reshape(pixels).copy()

    def read_truth(self, told: dict[str, Any] | None) -> tuple[Any, ...] | None:
        """Return the true state of each slot, for a policy that sees it."""
        if told is None:
            return None
        if self.world_classes is None:
            self.world_classes = find_world_classes()
        state, parse_worlds = self.world_classes
        if told["worlds"] is not None:
            self.worlds = parse_worlds(told["worlds"])
        poses, progress = told["poses"], told["progress"]
        return tuple(state(*each) for each in zip(self.worlds, poses.copy(), map(tuple, progress)))  # noqa: B905
