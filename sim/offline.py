"""Offline error: how far a policy's answers on recorded frames are from the expert's, without driving anything."""

from __future__ import annotations

import fcntl
import hashlib
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from policies.policy import Batch, Policy, Truth
from scenarios import splits
from scenarios.errors import InputError
from scenarios.registry import get_scenario
from scenarios.seeding import generator
from sim.rollout import describe, hold_steps

if TYPE_CHECKING:
    from policies.dataset import Dataset, Demonstration
    from scenarios.world import World

HELD_OUT_SEED = splits.TEST.start
HELD_OUT_EPISODES = 20
BATCH = 16  # episodes that are scored side by side; a constant, as in closed loop
RESAMPLES = 2000
CACHE_VARIABLE = "MOBILE_VLA_CACHE"


def default_cache() -> Path:
    """Where made data sets are kept: $MOBILE_VLA_CACHE, else the user's cache folder (XDG)."""
    if folder := os.environ.get(CACHE_VARIABLE):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mobile-vla-sim"


def held_out(scenario: str, cache_dir: Path | None = None) -> Path:
    """The held-out demonstrations of a scenario, recorded on first use and kept.

    The expert drives ``HELD_OUT_EPISODES`` episodes of the test split, disturbed by noise bursts as in training sets.
    The folder's name holds a hash over the scenario's ranges and all code that shapes a demonstration, so that a set
    of older code is never read. Processes that ask at once wait for one of them to record.

    Returns:
        The data set's folder.

    Raises:
        InputError: Unknown scenario.
    """
    spec_hash = get_scenario(scenario).spec_hash
    key = hashlib.sha256(f"{spec_hash}/{_code_hash()}/{HELD_OUT_SEED}/{HELD_OUT_EPISODES}".encode()).hexdigest()[:16]
    cache_dir = cache_dir or default_cache()
    folder = cache_dir / f"held-out-{get_scenario(scenario).name}-{key}"
    if folder.is_dir():
        return folder
    cache_dir.mkdir(parents=True, exist_ok=True)
    with _lock(cache_dir / f".{folder.name}.lock"):
        if not folder.is_dir():
            _record(scenario, folder)
    return folder


def _record(scenario: str, folder: Path) -> None:
    """Record beside the final place, then rename, so that whatever stands under the final name is whole."""
    from sim.driver import Disturbance
    from sim.record import record
    from sim.stage import EXPERT, RecordPlan

    plan = RecordPlan(EXPERT, scenario, HELD_OUT_SEED, HELD_OUT_EPISODES, Disturbance(bursts=True))
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        record(plan, Path(scratch) / "set", workers=1)
        (Path(scratch) / "set").rename(folder)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a file lock, which the system gives back even if this process dies."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def _code_hash() -> str:
    """A hash over every source and asset that a recorded frame, label or file depends on."""
    root = Path(__file__).parent.parent
    files = [file for package in ("scenarios", "envs") for file in (root / package).rglob("*") if file.is_file()]
    files += [root / "policies" / "expert.py", *(root / "policies" / "dataset").glob("*.py")]
    files += [root / "sim" / name for name in ("driver.py", "noise.py", "recorder.py", "rollout.py", "stage.py")]
    digest = hashlib.sha256()
    for file in sorted(file for file in files if "__pycache__" not in file.parts):
        digest.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def score(policy: Policy, dataset: Dataset) -> dict[str, Any]:
    """Open-loop error of a policy on recorded episodes.

    Frames are fed in order, each episode from a fresh recurrent state; answers are held and clipped as in closed loop.
    All numbers are in actions, in [-1, 1], over all frames and the axes vx, vy, wz.

    Returns:
        ``frames``, ``episodes``; ``mae`` with ``low`` and ``high``, its 95 % percentile bootstrap over whole episodes;
        ``mae_axis`` [vx, vy, wz]; ``rmse``; ``floors``: the MAE of the constant answers ``zero``, ``mean`` and
        ``median`` of these very labels, and of ``hold``, the expert's previous answer (zero at first); ``error``:
        None, or what the policy did wrong, in which case its own numbers are None.

    Raises:
        InputError: The policy's spec doesn't fit, or it is privileged and the scenes can't be built again.
    """
    hold = hold_steps(policy.spec)
    errors: list[np.ndarray] = []  # (t, 3) each
    labels: list[np.ndarray] = []
    error = None
    for first in range(0, len(dataset), BATCH):
        episodes = [dataset.demonstration(number) for number in range(first, min(first + BATCH, len(dataset)))]
        _check_fit(policy, episodes, dataset)
        labels += [episode.actions for episode in episodes]
        if error is None:
            try:
                answers = _answers(policy, episodes, hold)
            except Exception as raised:  # noqa: BLE001  any policy, any error: it is recorded in the result
                error = describe(raised)
                continue
            errors += [answer - episode.actions for answer, episode in zip(answers, episodes, strict=True)]
    own = _errors(errors) if error is None else dict.fromkeys(("mae", "low", "high", "mae_axis", "rmse"))
    return {
        "frames": sum(map(len, labels)),
        "episodes": len(labels),
        **own,
        "floors": floors(labels),
        "error": error,
    }


def _errors(errors: Sequence[np.ndarray]) -> dict[str, Any]:
    every = np.concatenate(errors).astype(np.float64)
    low, high = interval(errors)
    return {
        "mae": float(np.abs(every).mean()),
        "low": low,
        "high": high,
        "mae_axis": np.abs(every).mean(axis=0).tolist(),
        "rmse": math.sqrt(float(np.square(every).mean())),
    }


def interval(errors: Sequence[np.ndarray], resamples: int = RESAMPLES) -> tuple[float, float]:
    """95 % percentile bootstrap of the MAE, resampling whole episodes, whose frames are no independent draws.

    Efron and Tibshirani 1993, chapter 13. Drawn from a generator of its own, so it repeats.

    Args:
        errors: (t, 3) per episode.
        resamples: How many sets of episodes to draw.
    """
    sums = np.array([np.abs(episode).sum() for episode in errors], dtype=np.float64)
    counts = np.array([episode.size for episode in errors], dtype=np.float64)
    drawn = generator(0, "bootstrap").integers(0, len(errors), (resamples, len(errors)))
    low, high = np.quantile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)


def floors(labels: Sequence[np.ndarray]) -> dict[str, float]:
    """MAE of answers that look at no frame; a policy that doesn't beat them has learnt nothing from what it sees.

    The constants are the best ones for these very labels, so no constant does better: ``median`` is the true floor of
    constants under the mean absolute error.

    Args:
        labels: (t, 3) per episode.
    """
    every = np.concatenate(labels).astype(np.float64)
    before = [np.concatenate([np.zeros((1, 3)), episode[:-1]]) for episode in labels]
    return {
        "zero": float(np.abs(every).mean()),
        "mean": float(np.abs(every - every.mean(axis=0)).mean()),
        "median": float(np.abs(every - np.median(every, axis=0)).mean()),
        "hold": float(np.abs(every - np.concatenate(before)).mean()),
    }


def _answers(policy: Policy, episodes: Sequence[Demonstration], hold: int) -> list[np.ndarray]:
    """The policy's answers (t, 3) on each of at most ``BATCH`` episodes."""
    lengths = np.array([len(episode.actions) for episode in episodes])
    padded = [*episodes, *[episodes[0]] * (BATCH - len(episodes))]
    worlds = [_world(episode) for episode in padded] if policy.spec.privileged else None
    policy.reset(range(BATCH), [episode.instruction for episode in padded])
    given = np.zeros((lengths.max(), BATCH, 3), np.float32)
    for step in range(lengths.max()):
        if step % hold:
            given[step] = given[step - 1]
            continue
        answer = np.asarray(policy.act(_batch(policy, padded, worlds, step, len(episodes))), dtype=np.float32)
        if answer.shape != (BATCH, 3):
            raise ValueError(f"act answered shape {answer.shape}, expected {(BATCH, 3)}")
        live = np.flatnonzero(lengths > step)
        if not np.isfinite(answer[live]).all():
            raise ValueError(f"act answered a number that isn't finite at frame {step}")
        given[step, live] = np.clip(answer[live], -1.0, 1.0)
    return [given[:length, slot] for slot, length in enumerate(lengths)]


def _batch(
    policy: Policy, episodes: Sequence[Demonstration], worlds: Sequence[World] | None, step: int, count: int
) -> Batch:
    """Frame ``step`` of every episode; those that are over show their last one, as in closed loop."""
    at = [min(step, len(episode.actions) - 1) for episode in episodes]
    live = np.array([slot < count and step < len(episode.actions) for slot, episode in enumerate(episodes)])
    agent_pos = np.stack([episode.agent_pos[frame] for episode, frame in zip(episodes, at, strict=True)])
    pixels = None
    if policy.spec.image_size is not None:
        pixels = np.stack([episode.pixels[frame] for episode, frame in zip(episodes, at, strict=True)])
    truth = None
    if worlds is not None:
        truth = tuple(Truth(world, pose_of(world, row)) for world, row in zip(worlds, agent_pos, strict=True))
    return Batch(pixels, agent_pos, live, truth)


def _check_fit(policy: Policy, episodes: Sequence[Demonstration], dataset: Dataset) -> None:
    """Raise InputError for a data set that this policy can't be asked about; that is no fault of the policy."""
    name, size = policy.spec.name, policy.spec.image_size
    for episode in episodes:
        if size is not None and episode.pixels.shape[1:3] != tuple(size):
            height, width = episode.pixels.shape[1:3]
            raise InputError(f"{dataset.root} holds {height}x{width} images, policy '{name}' takes {size[0]}x{size[1]}")
        if policy.spec.privileged and episode.scene is None:
            raise InputError(f"{dataset.root} doesn't say in which scenes it was recorded, which policy '{name}' needs")


def _world(episode: Demonstration) -> World:
    scene = episode.scene
    if scene is None:
        raise ValueError("the episode has no scene")
    return get_scenario(scene.scenario).world(scene.suite_seed, scene.episode)


def pose_of(world: World, agent_pos: np.ndarray) -> np.ndarray:
    """(3,) true pose in the world's frame from the start pose and the odometry in ``agent_pos`` (6,)."""
    x, y, yaw = (float(value) for value in agent_pos[3:6])
    cos, sin = math.cos(world.start.yaw), math.sin(world.start.yaw)
    turned = math.remainder(world.start.yaw + yaw, math.tau)
    return np.array([world.start.x + cos * x - sin * y, world.start.y + sin * x + cos * y, turned])
