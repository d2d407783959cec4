"""Lockstep simulation of several episodes, whose cameras are rendered together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """Observations of all slots after a step.

    Attributes:
        pixels: (n, H, W, 3) uint8, RGB. A fresh array at every step.
        states: States of the n slots.
    """

    pixels: np.ndarray
    states: tuple[EpisodeState, ...]


class Lockstep:
    """Several simulations in one process, with their cameras rendered as tiles of one image.

    Attributes:
        worlds: Worlds of all slots, padding included.
        image_size: (height, width) of the frames in pixels; a change takes effect at the next reset.

    Args:
        slots: Number of episodes that run side by side.
        renderer: "gl", "gpu", "tiny" or "auto"; or an existing renderer.
        image_size: (height, width) of the frames in pixels.

    Raises:
        InputError: The renderer is unknown. The first ``reset`` raises it if the renderer isn't available here.
    """

    def __init__(self, slots: int, renderer: str | Renderer = "auto", image_size: tuple[int, int] = IMAGE_SIZE) -> None:
        if isinstance(renderer, str):
            check_renderer(renderer)
        self._requested_renderer = renderer
        self._renderer: Renderer | None = None
        self.simulations = [Simulation() for _ in range(slots)]
        self.worlds: tuple[World, ...] = ()
        self._states: list[EpisodeState] = []
        self.image_size = image_size
        self._pixels = np.zeros((slots, *image_size, 3), np.uint8)
        self._corruptors: list[ImageCorruptor] = []

    @property
    def renderer(self) -> Renderer:
        """The renderer, created on first use because vector environments fork after making a first environment."""
        if self._renderer is None:
            requested = self._requested_renderer
            self._renderer = make_renderer(requested) if isinstance(requested, str) else requested
        return self._renderer

    def reset(self, worlds: Sequence[World]) -> BatchedStep:
        """Start an episode in each of the first ``len(worlds)`` slots; the rest repeat the first world, as padding."""
        slots = len(self.simulations)
        if not 1 <= len(worlds) <= slots:
            raise ValueError(f"{len(worlds)} worlds do not fit in {slots} slots")
        self.worlds = (*worlds, *[worlds[0]] * (slots - len(worlds)))
        self._states = [
            simulation.reset(world) for simulation, world in zip(self.simulations, self.worlds, strict=True)
        ]
        for simulation in self.simulations:
            self.renderer.refresh(simulation.client)
        self._corruptors = [ImageCorruptor(world.conditions.image) for world in self.worlds]
        self._pixels = np.zeros((slots, *self.image_size, 3), np.uint8)
        return self._observe(range(slots))

    def reset_slots(self, worlds: Mapping[int, World]) -> BatchedStep:
        """Start an episode in some slots, each in its world; the others keep their episodes, states and frames.

        All slots must have been reset before.
        """
        self.worlds = tuple(worlds.get(slot, world) for slot, world in enumerate(self.worlds))
        for slot, world in worlds.items():
            self._states[slot] = self.simulations[slot].reset(world)
            self.renderer.refresh(self.simulations[slot].client)
            self._corruptors[slot] = ImageCorruptor(world.conditions.image)
        return self._observe(list(worlds))

    def step(self, command: Command, live: np.ndarray) -> BatchedStep:
        """Simulate one control period in each live slot; the other slots keep their states and frames.

        Args:
            command: Commands of all n slots.
            live: (n,) bool: the slots to simulate.
        """
        running = np.flatnonzero(live).tolist()
        for slot in running:
            self._states[slot] = self.simulations[slot].step(command.for_slot(slot))
        return self._observe(running)

    def _observe(self, slots: Sequence[int]) -> BatchedStep:
        if not slots:
            pixels = self._pixels.copy()
        else:
            drawn = self.renderer.render_rgb(
                [robot_camera_shot(self.simulations[slot], self.image_size) for slot in slots]
            )
            pixels = drawn if len(slots) == len(self.simulations) else self._pixels.copy()
            for slot, frame in zip(slots, drawn, strict=True):
                seen = self._corruptors[slot].apply(frame)
                if seen is not frame or pixels is not drawn:
                    pixels[slot] = seen
        self._pixels = pixels
        return BatchedStep(pixels, tuple(self._states))

    def close(self) -> None:
        """Close every client and the renderer; repeated calls have no effect."""
        for simulation in self.simulations:
            if self._renderer is not None:
                self._renderer.forget(simulation.client)
            simulation.close()
        if self.simulations and self._renderer is not None:
            self._renderer.close()
        self.simulations = []


def robot_camera_shot(simulation: Simulation, image_size: tuple[int, int] = IMAGE_SIZE) -> Shot:
    """Return the shot of a robot's own camera, whose vertical field of view is the same at any size."""
    height, width = image_size
    world = simulation.world
    return Shot(simulation.client, simulation.robot_camera_view(), width, height, world.light, world.background)
