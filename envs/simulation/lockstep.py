"""Many episodes in lockstep: a block's simulations, rendered together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from envs.camera import Renderer, Shot, make_renderer
from envs.camera.renderers import check_renderer
from envs.simulation.command import Command
from envs.simulation.image_corruption import ImageCorruptor
from envs.simulation.simulation import EpisodeState, Simulation
from scenarios.robot import IMAGE_SIZE
from scenarios.world import World


class BatchedStep(NamedTuple):
    """One observation of every slot.

    Attributes:
        pixels: (n, 224, 224, 3) uint8, RGB. A fresh array at every step.
        states: n states.
    """

    pixels: np.ndarray
    states: tuple[EpisodeState, ...]


class Lockstep:
    """``slots`` simulations in one process, with all their cameras rendered as tiles of one picture.

    Attributes:
        worlds: Of every slot, padding included.

    Args:
        slots: How many episodes run side by side.
        renderer: "gl", "tiny" or "auto"; or a renderer that is there already.

    Raises:
        InputError: The renderer is unknown; with the first ``reset``, that it is not available on this machine.
    """

    def __init__(self, slots: int, renderer: str | Renderer = "auto") -> None:
        if isinstance(renderer, str):
            check_renderer(renderer)
        self._asked = renderer
        self._renderer: Renderer | None = None
        self.simulations = [Simulation() for _ in range(slots)]
        self.worlds: tuple[World, ...] = ()
        self._states: list[EpisodeState] = []
        self._pixels = np.zeros((slots, *IMAGE_SIZE, 3), np.uint8)
        self._corruptors: list[ImageCorruptor] = []

    @property
    def renderer(self) -> Renderer:
        """The renderer, opened when first needed: vector environments make an environment to look at, and then fork."""
        if self._renderer is None:
            self._renderer = make_renderer(self._asked) if isinstance(self._asked, str) else self._asked
        return self._renderer

    def reset(self, worlds: Sequence[World]) -> BatchedStep:
        """Start an episode in each of the first ``len(worlds)`` slots; the rest repeat the first world, as padding."""
        slots = len(self.simulations)
        if not 1 <= len(worlds) <= slots:
            raise ValueError(f"{len(worlds)} worlds do not fit {slots} slots")
        self.worlds = (*worlds, *[worlds[0]] * (slots - len(worlds)))
        self._states = [
            simulation.reset(world) for simulation, world in zip(self.simulations, self.worlds, strict=True)
        ]
        for simulation in self.simulations:
            self.renderer.refresh(simulation.client)
        self._corruptors = [ImageCorruptor(world.conditions.image) for world in self.worlds]
        return self._observe(range(slots))

    def step(self, command: Command, live: np.ndarray) -> BatchedStep:
        """Carry out each live slot's command for one control period; the others stay as they are, their last frame too.

        Args:
            command: Of all n slots.
            live: (n,) bool.
        """
        running = np.flatnonzero(live).tolist()
        for slot in running:
            self._states[slot] = self.simulations[slot].step(command.for_slot(slot))
        return self._observe(running)

    def _observe(self, slots: Sequence[int]) -> BatchedStep:
        pixels = self._pixels.copy()
        if slots:
            drawn = self.renderer.render_rgb([robot_camera_shot(self.simulations[slot]) for slot in slots])
            for slot, frame in zip(slots, drawn, strict=True):
                pixels[slot] = self._corruptors[slot].apply(frame)
        self._pixels = pixels
        return BatchedStep(pixels, tuple(self._states))

    def close(self) -> None:
        """Give back every client and the renderer; closing twice is harmless."""
        for simulation in self.simulations:
            if self._renderer is not None:
                self._renderer.forget(simulation.client)
            simulation.close()
        if self.simulations and self._renderer is not None:
            self._renderer.close()
        self.simulations = []


def robot_camera_shot(simulation: Simulation) -> Shot:
    """Return the shot of a robot's own camera."""
    height, width = IMAGE_SIZE
    world = simulation.world
    return Shot(simulation.client, simulation.robot_camera_view(), width, height, world.light, world.background)
