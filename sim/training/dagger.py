"""DAgger as a call: roll out, relabel, aggregate, train."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from policies.policy import Policy
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_folder
from scenarios.common.splits import TRAIN, check_split
from scenarios.robot import IMAGE_SIZE
from sim.record.dataset import RecordingResult, record_dataset
from sim.record.drivers.dagger import ActionDisturbance, DaggerPolicy
from sim.record.session import EXPERT, RecordingConfig

Trainer = Callable[[Sequence[Path]], Policy]
"""Trains a policy on data sets, given by their folders, the oldest first."""


@dataclass(frozen=True)
class DaggerRound:
    """One round: what was driven, and what came of it."""

    number: int
    """Counted from 0."""
    driver: str
    """Who drove: the name of the policy, or 'expert'."""
    dataset: Path
    """Folder of the episodes, labelled by the expert."""
    recording: RecordingResult
    """Episodes by status, and the size of the data set."""


@dataclass(frozen=True)
class DaggerResult:
    """The policy of the last round, and all rounds."""

    policy: Policy
    rounds: tuple[DaggerRound, ...]


def run_dagger(
    policy: Policy | None,
    train: Trainer,
    *,
    scenario: str = "corridor",
    rounds: int = 3,
    episodes: int = 50,
    seed: int = TRAIN.start,
    out: Path | str,
    expert_share: float = 0.0,
    image_size: tuple[int, int] = IMAGE_SIZE,
    renderer: str = "auto",
    on_round: Callable[[DaggerRound], None] | None = None,
) -> DaggerResult:
    """Train a policy on the states that it gets itself into, with the expert's actions as labels.

    Each round drives new episodes, adds them to those of earlier rounds, and trains on all of them. Ross, Gordon and
    Bagnell 2011, "A reduction of imitation learning and structured prediction to no-regret online learning" (AISTATS).

    Args:
        policy: Drives the first round; None: the expert does, with bursts of noise.
        train: Called after each round with the folders of all data sets so far (LeRobot v3; open them with
            ``policies.dataset.episodes.open_dataset``).
        scenario: A family, a scenario file, or ``file.py:NAME``.
        rounds: Number of rounds.
        episodes: Episodes of each round; no two rounds have the same.
        seed: Seed of their suite, of the training split.
        out: New folder for the data sets.
        expert_share: Probability that the expert drives in the policy's place, drawn for each second.
        image_size: (height, width) of the recorded frames. A policy that takes frames must take them in this size.
        renderer: "gl", "gpu", "tiny" or "auto".
        on_round: Called with each round before its training.

    Raises:
        InputError: An argument isn't possible, or a policy doesn't fit the environment.
    """
    out = Path(out)
    check_new_folder(out, "out")
    check_split("train", seed)
    if rounds < 1 or episodes < 1:
        raise InputError(f"{rounds} rounds of {episodes} episodes: both must be at least 1")
    done: list[DaggerRound] = []
    for number in range(rounds):
        _check_image_size(policy, image_size)
        by_expert = policy is None
        config = RecordingConfig(
            policy=EXPERT if policy is None else policy.spec.name,
            scenario=scenario,
            suite_seed=seed,
            episodes=episodes,
            disturbance=ActionDisturbance(bursts=by_expert, expert_share=expert_share),
            keep_failures=not by_expert,
            renderer=renderer,
            numbers=tuple(range(number * episodes, (number + 1) * episodes)),
        )
        folder = out / f"round-{number:02d}"
        recording = record_dataset(config, folder, driver=DaggerPolicy(policy, config.disturbance, image_size))
        done.append(DaggerRound(number, config.policy, folder, recording))
        if on_round is not None:
            on_round(done[-1])
        policy = train([each.dataset for each in done])
    assert policy is not None
    return DaggerResult(policy, tuple(done))


def _check_image_size(policy: Policy | None, image_size: tuple[int, int]) -> None:
    size = None if policy is None else policy.spec.image_size
    if policy is not None and size is not None and tuple(size) != tuple(image_size):
        raise InputError(
            f"policy '{policy.spec.name}' takes frames of {size[0]}x{size[1]} pixels, and frames of "
            f"{image_size[0]}x{image_size[1]} are recorded: give image_size={tuple(size)}"
        )
