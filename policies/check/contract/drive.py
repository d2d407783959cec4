"""Drives of a policy through made-up episodes, and what they record."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from policies.check.contract.samples import SampleEpisode
from policies.formats.observation_format import to_policy_pixels, to_policy_state
from policies.policy import ObservationBatch, Policy, PolicyFaultError, PolicySpec
from scenarios.common.user_code import describe_failure

Announce = Callable[[str], None]


def announce_nothing(call: str) -> None:
    """Tell nobody which call begins."""


class PolicyFailure(Exception):  # noqa: N818  it is the policy's failure, not an error of the checks
    """A policy raised; the message says in which call and what."""


@dataclass(frozen=True)
class DrivePlan:
    """What to give to a policy.

    Attributes:
        episodes: The episode of each slot.
        ended: Step from which on a slot is no longer live, by slot; it is given its frames even so.
        restarted: Step before which a slot alone is reset again with its instruction, by slot.
    """

    episodes: tuple[SampleEpisode, ...]
    ended: Mapping[int, int] = field(default_factory=dict)
    restarted: Mapping[int, int] = field(default_factory=dict)

    @property
    def slots(self) -> int:
        """Size of the batch."""
        return len(self.episodes)

    @property
    def steps(self) -> int:
        """Number of calls of ``act``."""
        return min(len(episode.agent_pos) for episode in self.episodes)


@dataclass(frozen=True)
class DriveRecord:
    """What a policy did.

    Attributes:
        answers: The answer to each call, copied at once.
        types: Type of each answer.
        seconds: Wall time of each call.
        changed_inputs: Names of the inputs that a call changed, each once.
        changed_answers: Number of answers that a later call changed.
    """

    answers: tuple[np.ndarray, ...]
    types: tuple[str, ...]
    seconds: tuple[float, ...]
    changed_inputs: tuple[str, ...]
    changed_answers: int


def drive_policy(policy: Policy, plan: DrivePlan, announce: Announce = announce_nothing) -> DriveRecord:
    """Reset every slot, and call ``act`` for every step.

    Args:
        policy: The policy.
        plan: What to give to it.
        announce: Called with what is called before each call, and with "" after it.

    Raises:
        PolicyFailure: The policy raised.
    """
    spec, instructions = policy.spec, [episode.instruction for episode in plan.episodes]
    given = list(instructions)
    with blame_call("reset", announce):
        policy.reset(range(plan.slots), given)
    changed = [] if given == instructions else ["instructions"]
    answers: list[np.ndarray] = []
    originals: list[np.ndarray] = []
    types, seconds = [], []
    for step in range(plan.steps):
        for slot in (slot for slot, when in plan.restarted.items() if when == step):
            with blame_call(f"reset([{slot}], …)", announce):
                policy.reset([slot], [instructions[slot]])
        batch, untouched = (make_batch(spec, plan, step) for _ in range(2))
        began = time.perf_counter()
        with blame_call(f"act, call {step + 1}", announce):
            answer = policy.act(batch)
            originals.append(np.asarray(answer))
        seconds.append(time.perf_counter() - began)
        types.append(_describe_type(answer))
        answers.append(originals[-1].copy())
        changed += _list_changes(batch, untouched)
    rewritten = sum(not is_equal(kept, first) for kept, first in zip(originals, answers, strict=True))
    return DriveRecord(tuple(answers), tuple(types), tuple(seconds), tuple(dict.fromkeys(changed)), rewritten)


def make_batch(spec: PolicySpec, plan: DrivePlan, step: int) -> ObservationBatch:
    """Make a policy's observation at a step, of fresh arrays."""
    states = np.stack([episode.agent_pos[step] for episode in plan.episodes])  # (n, 6)
    live = np.array([step < plan.ended.get(slot, plan.steps) for slot in range(plan.slots)])
    truth = tuple(episode.truth(step) for episode in plan.episodes) if spec.privileged else None
    pixels = None
    if spec.image_size is not None:
        pixels = to_policy_pixels(spec.observation, np.stack([_history(spec, one, step) for one in plan.episodes]))
    return ObservationBatch(pixels, to_policy_state(spec.observation, states), live, truth)


def _history(spec: PolicySpec, episode: SampleEpisode, step: int) -> np.ndarray:
    """Return a frame (H, W, 3), or the latest ones (frames, H, W, 3), the first repeated where there are too few."""
    assert episode.pixels is not None
    frames = spec.observation.frames
    if frames == 1:
        return episode.pixels[step]
    return episode.pixels[np.maximum(np.arange(step - frames + 1, step + 1), 0)]


def measure_difference(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> float:
    """Return the largest difference between answers, as a share of the largest value if that is above 1.

    Equal NaN don't differ; answers of other shapes differ by infinity.
    """
    largest = 0.0
    for a, b in zip(one, other, strict=True):
        if a.shape != b.shape:
            return float("inf")
        first, second = a.astype(np.float64), b.astype(np.float64)
        unlike = ~((first == second) | (np.isnan(first) & np.isnan(second)))
        if unlike.any():
            gaps = np.abs(first[unlike] - second[unlike])
            size = np.maximum(1.0, np.maximum(np.abs(first[unlike]), np.abs(second[unlike])))
            largest = max(largest, float(np.nan_to_num(gaps / size, nan=np.inf).max()))
    return largest


def is_equal(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two arrays have the same values; NaN equals NaN."""
    if one.dtype.kind in "fc":
        return np.array_equal(one, other, equal_nan=True)
    return np.array_equal(one, other)


@contextlib.contextmanager
def blame_call(call: str, announce: Announce = announce_nothing) -> Iterator[None]:
    """Name the call of a policy that raises.

    Raises:
        PolicyFailure: It raised.
    """
    announce(call)
    try:
        yield
    except PolicyFaultError as error:  # of a policy in a process of its own; it says all
        raise PolicyFailure(f"{call} failed: {error}") from error
    except (Exception, SystemExit) as error:  # any policy, any error: it is a finding
        raise PolicyFailure(f"{call} raised {describe_failure(error)}") from error
    finally:
        announce("")


def _describe_type(answer: object) -> str:
    """Describe what a policy returned, e.g. "float32 array"."""
    return f"{answer.dtype} array" if isinstance(answer, np.ndarray) else type(answer).__name__


def _list_changes(given: ObservationBatch, untouched: ObservationBatch) -> list[str]:
    """Return the names of the parts of a batch that are no longer what they were."""
    parts = ("pixels", "agent_pos", "live")
    return [
        f"batch.{name}"
        for name in parts
        if getattr(given, name) is not None and not is_equal(getattr(given, name), getattr(untouched, name))
    ]
