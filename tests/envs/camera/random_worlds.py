"""Random worlds, drawn by both renderers.

By hand, from the repository's root: ``python -m tests.envs.camera.random_worlds 1000`` draws a thousand of them and
prints every body that differs without a warning; ``--first N`` begins with another one.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from envs.camera import Camera, Renderer, make_renderer
from envs.camera.bodies.agreement import find_differences

from .random_calls import RandomWorld

_SIZE = {"width": 160, "height": 120}


class Outcome(NamedTuple):
    """What one world showed.

    Attributes:
        pictures: Pictures that were compared.
        warned: Bodies that differ, with a warning that names them.
        silent: Bodies that differ without a warning, in words.
    """

    pictures: int
    warned: int
    silent: tuple[str, ...]


class _View:
    """Two cameras on one client that look alike."""

    def __init__(self, world: RandomWorld, gl: Renderer) -> None:
        self.world = world
        self.cameras = [Camera(world.client, renderer=renderer, **_SIZE) for renderer in (gl, "tiny")]

    def compare(self) -> tuple[int, list[str]]:
        """Take a picture with both; return how many bodies differ with a warning, and those without, in words."""
        rng = self.world.rng
        eye = np.array([rng.uniform(-1, 1) for _ in range(3)])
        eye *= rng.uniform(1.5, 3.5) / np.linalg.norm(eye)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            ours, theirs = (
                camera.look_at(eye, (0, 0, 0.1)).render(depth=True, segmentation=True) for camera in self.cameras
            )
        texts = " ".join(str(warning.message) for warning in said)
        different = find_differences(ours, theirs)
        silent = [str(found) for found in different if f"body {found.body} " not in texts]
        return len(different) - len(silent), silent


def draw(rng: random.Random, gl: Renderer) -> Outcome:
    """Build one or two worlds, change them, and compare pictures in between."""
    warned, pictures, silent = 0, 0, list[str]()
    with tempfile.TemporaryDirectory() as folder:
        worlds = [RandomWorld(rng, Path(folder)) for _ in range(rng.choice((1, 1, 1, 2)))]
        views = [_View(world, gl) for world in worlds]
        try:
            for _ in range(rng.randrange(1, 5)):
                for view in views:
                    for _ in range(rng.randrange(1, 5)):
                        view.world.do()
                    found, words = view.compare()
                    warned, pictures = warned + found, pictures + 1
                    silent += [f"{word} after {', '.join(view.world.log)}" for word in words]
        finally:
            for world in worlds:
                gl.forget(world.client)
                world.close()
    return Outcome(pictures, warned, tuple(silent))


def main() -> None:
    """Draw many worlds and print what differs silently."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", type=int)
    parser.add_argument("--first", type=int, default=0, help="seed of the first world (default: 0)")
    args = parser.parse_args()
    gl, pictures, warned, silent = make_renderer("gl"), 0, 0, 0
    for seed in range(args.first, args.first + args.worlds):
        outcome = draw(random.Random(seed), gl)
        pictures, warned, silent = pictures + outcome.pictures, warned + outcome.warned, silent + len(outcome.silent)
        for words in outcome.silent:
            print(f"world {seed}: {words}", flush=True)
        print(seed, file=sys.stderr, flush=True)
    print(f"{args.worlds} worlds, {pictures} pictures: {warned} bodies differ with a warning, {silent} without")


if __name__ == "__main__":
    main()
