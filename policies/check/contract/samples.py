"""Made-up episodes, as checks need them: frames with the structure of a corridor, odometry of a drive, instructions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from policies.policy import PolicySpec, PrivilegedState
from scenarios.common.seeding import make_generator
from scenarios.navigation.odometry import pose_from_odometry
from scenarios.registry import SCENARIOS
from scenarios.robot import ACTION_SCALE
from scenarios.world import World

SUITE_SEED = 4000
FAMILIES = ("corridor", "lookalikes")  # their instructions differ, and their worlds are quick to make
HORIZON = 0.3  # of the frame's height
NOISE = 4  # levels of 255


@dataclass(frozen=True)
class SampleEpisode:
    """A made-up episode.

    Attributes:
        world: A world with the episode's start; only its instruction fits the frames.
        instruction: What the robot was asked to do.
        pixels: (t, H, W, 3) uint8, RGB; None for a policy that takes no frames.
        agent_pos: (t, 6) float32: vx, vy (m/s), wz (rad/s); odometry x, y (m), yaw (rad).
    """

    world: World
    instruction: str
    pixels: np.ndarray | None
    agent_pos: np.ndarray

    def truth(self, step: int) -> PrivilegedState:
        """Return the true state that a privileged policy is given."""
        progress = tuple(mover.route.start_m for mover in self.world.movers)
        return PrivilegedState(self.world, pose_from_odometry(self.world, self.agent_pos[step]), progress)

    def with_frames_of(self, other: SampleEpisode) -> SampleEpisode:
        """Return the episode with the frames of another one."""
        return replace(self, pixels=other.pixels)


def make_samples(spec: PolicySpec, count: int, steps: int) -> tuple[SampleEpisode, ...]:
    """Make episodes that differ in frames, odometry and instructions; always the same ones for a spec.

    Args:
        spec: The policy's spec: image size and period.
        count: Number of episodes.
        steps: Number of observations of each.
    """
    return tuple(_make_sample(spec, number, steps) for number in range(count))


def _make_sample(spec: PolicySpec, number: int, steps: int) -> SampleEpisode:
    rng = make_generator(SUITE_SEED, f"sample/{number}")
    world = SCENARIOS[FAMILIES[number % len(FAMILIES)]].world(SUITE_SEED, number)
    agent_pos = _drive_along(rng, steps, spec.period_s)
    pixels = None if spec.image_size is None else _draw_frames(rng, spec.image_size, steps)
    return SampleEpisode(world, world.instruction, pixels, agent_pos)


def _drive_along(rng: np.random.Generator, steps: int, period_s: float) -> np.ndarray:
    """Make the states (t, 6) of a drive that starts at rest and curves slowly."""
    aim = ACTION_SCALE * rng.uniform((0.4, -0.2, -0.4), (0.9, 0.2, 0.4))
    share = np.minimum(1.0, np.arange(steps) / 3.0)[:, None]
    velocities = aim * share * (1.0 + 0.05 * rng.standard_normal((steps, 3)))
    yaw = np.concatenate([[0.0], np.cumsum(velocities[:-1, 2] * period_s)])
    ahead, left = velocities[:, 0], velocities[:, 1]
    rates = np.stack([np.cos(yaw) * ahead - np.sin(yaw) * left, np.sin(yaw) * ahead + np.cos(yaw) * left], axis=1)
    places = np.concatenate([np.zeros((1, 2)), np.cumsum(rates[:-1] * period_s, axis=0)])
    return np.concatenate([velocities, places, yaw[:, None]], axis=1).astype(np.float32)


def _draw_frames(rng: np.random.Generator, size: tuple[int, int], steps: int) -> np.ndarray:
    """Draw the frames (t, H, W, 3) of a drive towards three boxes between two walls."""
    height, width = size
    rows, columns = np.mgrid[0:height, 0:width]
    down, right = (rows / height - HORIZON), (columns / width - 0.5)
    colours = rng.uniform(40, 220, (6, 3))
    floor_width = 0.25 + 0.9 * np.maximum(down, 0.0)
    backdrop = np.where(down[..., None] > 0.0, colours[0], colours[1]) * (1.0 - 0.3 * np.abs(down)[..., None])
    backdrop[np.abs(right) > floor_width] = colours[2]
    boxes = rng.uniform((2.0, -0.8), (4.0, 0.8), (3, 2))  # metres ahead, to the right
    frames = np.empty((steps, height, width, 3), np.uint8)
    for step in range(steps):
        frame = backdrop.copy()
        for number in np.argsort(-boxes[:, 0]):  # the farthest first
            depth = boxes[number, 0] - 0.1 * step
            near = np.abs(right - boxes[number, 1] / (2.0 * depth)) < 0.15 / depth
            frame[near & (down > -0.1 / depth) & (down < 0.3 / depth)] = colours[3 + number]
        frames[step] = np.clip(frame + rng.integers(-NOISE, NOISE + 1, frame.shape), 0, 255)
    return frames
