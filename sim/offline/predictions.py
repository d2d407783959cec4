"""A policy's actions on recorded frames, fed to it in order as in closed loop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from policies.dataset import Demonstration
from policies.dataset.episodes import EpisodeDataset
from policies.policy import ObservationBatch, Policy, PolicySpec, PrivilegedState
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.odometry import pose_from_odometry
from scenarios.world import World
from sim.results.plan import BLOCK_EPISODES
from sim.rollout.schedule import hold_steps

OFFLINE_BATCH = BLOCK_EPISODES  # episodes that are predicted together: a policy has one batch size everywhere


def hold_frames(spec: PolicySpec, fps: float) -> int:
    """Return the number of recorded frames that each action is held for; a faster policy is called at every frame.

    Args:
        spec: The policy's spec.
        fps: Frames per second of the recording.

    Raises:
        InputError: The spec fits no environment, or its period is not a whole number of the recording's frames.
    """
    hold_steps(spec)
    frames = spec.period_s * fps
    if frames > 1.0 and abs(frames - round(frames)) > 1e-3:
        raise InputError(
            f"policy '{spec.name}' acts every {spec.period_s:g} s, the data set has a frame every {1.0 / fps:g} s: "
            f"the policy's period must be a multiple of the frame's"
        )
    return max(1, round(frames))


def predict_actions(policy: Policy, episodes: Sequence[Demonstration], hold: int) -> list[np.ndarray]:
    """Predict actions (t, 3) on each of at most ``OFFLINE_BATCH`` episodes, each from a fresh recurrent state.

    Actions are held for ``hold`` frames and clipped to [-1, 1], as the robot does.

    Raises:
        ValueError: An action has the wrong shape, or isn't finite.
    """
    lengths = np.array([len(episode.actions) for episode in episodes])
    padded = [*episodes, *[episodes[0]] * (OFFLINE_BATCH - len(episodes))]
    worlds = [_world(episode) for episode in padded] if policy.spec.privileged else None
    if worlds is not None and any(world.movers for world in worlds):
        raise ValueError(
            "the recording doesn't contain the positions of moving objects, which this privileged policy needs"
        )
    policy.reset(range(OFFLINE_BATCH), [episode.instruction for episode in padded])
    given = np.zeros((lengths.max(), OFFLINE_BATCH, 3), np.float32)
    for step in range(lengths.max()):
        if step % hold:
            given[step] = given[step - 1]
            continue
        action = np.asarray(policy.act(_batch(policy, padded, worlds, step, len(episodes))), dtype=np.float32)
        if action.shape != (OFFLINE_BATCH, 3):
            raise ValueError(f"act returned shape {action.shape}, expected {(OFFLINE_BATCH, 3)}")
        live = np.flatnonzero(lengths > step)
        if not np.isfinite(action[live]).all():
            raise ValueError(f"act returned a value that is not finite at frame {step}")
        given[step, live] = np.clip(action[live], -1.0, 1.0)
    return [given[:length, slot] for slot, length in enumerate(lengths)]


def _batch(
    policy: Policy, episodes: Sequence[Demonstration], worlds: Sequence[World] | None, step: int, count: int
) -> ObservationBatch:
    """Observations at frame ``step`` of every episode; finished ones repeat their last frame, as in closed loop."""
    at = [min(step, len(episode.actions) - 1) for episode in episodes]
    live = np.array([slot < count and step < len(episode.actions) for slot, episode in enumerate(episodes)])
    agent_pos = np.stack([episode.agent_pos[frame] for episode, frame in zip(episodes, at, strict=True)])
    pixels = None
    if policy.spec.image_size is not None:
        pixels = np.stack([episode.pixels[frame] for episode, frame in zip(episodes, at, strict=True)])
    truth = None
    if worlds is not None:
        truth = tuple(
            PrivilegedState(world, pose_from_odometry(world, row)) for world, row in zip(worlds, agent_pos, strict=True)
        )
    return ObservationBatch(pixels, agent_pos, live, truth)


def check_compatible(policy: Policy, episodes: Sequence[Demonstration], recording: EpisodeDataset) -> None:
    """Check that a policy can be scored on these episodes; if not, that isn't an error of the policy.

    Raises:
        InputError: Images of another size, no scenes for a privileged policy, or labels that are not finite.
    """
    name, size, where = policy.spec.name, policy.spec.image_size, recording.root
    for episode in episodes:
        if size is not None and episode.pixels.shape[1:3] != tuple(size):
            height, width = episode.pixels.shape[1:3]
            raise InputError(
                f"{where} contains {height}x{width} images, but policy '{name}' expects {size[0]}x{size[1]}"
            )
        if policy.spec.privileged and episode.scene is None:
            raise InputError(f"{where} doesn't name the scenes that it was recorded in, which policy '{name}' needs")
        if not np.isfinite(episode.actions).all():
            raise InputError(f"{where} contains actions that are not finite: no error can be computed")


def check_recording(policy: Policy, recording: EpisodeDataset) -> None:
    """Check the frame rate and the first episode, before a run starts.

    Raises:
        InputError: The policy can't be scored on these episodes.
    """
    hold_frames(policy.spec, recording.fps)
    check_compatible(policy, [recording.demonstration(0)], recording)


def _world(episode: Demonstration) -> World:
    scene = episode.scene
    if scene is None:
        raise ValueError("the episode has no scene")
    return get_scenario(scene.scenario).world(scene.suite_seed, scene.episode)
