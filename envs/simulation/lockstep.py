"""Many episodes at one pace: a block's simulations, drawn together by one renderer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from envs.camera import Renderer, Shot, make_renderer
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
    """``slots`` simulations in one process, with all their cameras drawn as tiles of one picture.

    Args:
        slots: How many episodes run side by side.
        renderer: "gl", "tiny" or "auto"; or a renderer that is there already.

    Raises:
        InputError: If that renderer is not to be had on this machine.
    """

    def __init__(self, slots: int, renderer: str | Renderer = "auto") -> None:
        self.renderer = make_renderer(renderer) if isinstance(renderer, str) else renderer
        self.simulations = [Simulation() for _ in range(slots)]
        self._states: list[EpisodeState] = []
        self._pixels = np.zeros((slots, *IMAGE_SIZE, 3), np.uint8)
        self._corruptors: list[ImageCorruptor] = []

    def reset(self, worlds: Sequence[World]) -> BatchedStep:
        """Start an episode in each of the first ``len(worlds)`` slots; the rest repeat the last world, as padding."""
        if not 1 <= len(worlds) <= len(self.simulations):
            raise ValueError(f"{len(worlds)} worlds do not fit {len(self.simulations)} slots")
        padded = [*worlds, *[worlds[-1]] * (len(self.simulations) - len(worlds))]
        self._states = [simulation.reset(world) for simulation, world in zip(self.simulations, padded, strict=True)]
        for simulation in self.simulations:
            self.renderer.refresh(simulation.client)
        self._corruptors = [ImageCorruptor(world.conditions.image) for world in padded]
        return self._observe(range(len(self.simulations)))

    def step(
        self, actions: np.ndarray, live: np.ndarray, before: np.ndarray | None = None, delay_ticks: int = 0
    ) -> BatchedStep:
        """Hold each live slot's command for one control period; the others stay as they are, their last frame too.

        Args:
            actions: (n, 3) body-frame commands, clipped to [-1, 1].
            live: (n,) bool.
            before: (n, 3) what still holds for the first ``delay_ticks`` of the period's four ticks of 25 ms.
        """
        running = np.flatnonzero(live)
        for slot in running:
            earlier = None if before is None else before[slot]
            self._states[slot] = self.simulations[slot].step(actions[slot], earlier, delay_ticks)
        return self._observe(running)

    def _observe(self, slots: Sequence[int] | np.ndarray | range) -> BatchedStep:
        pixels = self._pixels.copy()
        if len(slots):
            drawn = self.renderer.render_rgb([robot_camera_shot(self.simulations[slot]) for slot in slots])
            for slot, frame in zip(slots, drawn, strict=True):
                pixels[slot] = self._corruptors[slot].apply(frame)
        self._pixels = pixels
        return BatchedStep(pixels, tuple(self._states))

    def close(self) -> None:
        """Give back every client and the renderer; closing twice is harmless."""
        for simulation in self.simulations:
            self.renderer.forget(simulation.client)
            simulation.close()
        if self.simulations:
            self.renderer.close()
        self.simulations = []


def robot_camera_shot(simulation: Simulation) -> Shot:
    """The robot's own picture of its world."""
    height, width = IMAGE_SIZE
    world = simulation.world
    return Shot(simulation.client, simulation.robot_camera_view(), width, height, world.light, world.background)
