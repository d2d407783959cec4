"""What is measured: a policy on a data set; and the count of what measuring it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from policies.dataset.demonstration import DemonstrationSignals
from policies.dataset.episodes import EpisodeDataset
from policies.policy import Policy
from sim.offline.dataset_checks import select_axes
from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import EpisodeCalls
from sim.offline.metrics.gathering.watched_policy import WatchedPolicy
from sim.offline.predictions import OFFLINE_BATCH, RecordedEpisode, check_compatible, predict_actions


class NotAvailableError(Exception):
    """A part of the evidence can't be gathered from this data set or policy; the message says why."""


@dataclass
class Meter:
    """Counts what gathering evidence costs."""

    frames: int = 0
    renders: int = 0
    steps: int = 0


@dataclass(frozen=True, eq=False)
class Subject:
    """A policy on a data set.

    Attributes:
        policy: The policy.
        recording: The data set.
        signals: All its episodes, without frames.
        retrains: The same policy trained again, with other seeds.
        meter: Counts what is spent.
    """

    policy: Policy
    recording: EpisodeDataset
    signals: tuple[DemonstrationSignals, ...]
    retrains: tuple[Policy, ...] = ()
    meter: Meter = field(default_factory=Meter)


class PredictedSet(NamedTuple):
    """A policy's predictions on a whole data set."""

    episodes: tuple[PredictedEpisode, ...]
    calls: tuple[EpisodeCalls, ...]


def predict_set(
    subject: Subject,
    policy: Policy | None = None,
    *,
    reword: Callable[[int], str] | None = None,
    blank: bool = False,
) -> PredictedSet:
    """Predict actions on every frame of a data set, as ``predict_actions`` does.

    Args:
        subject: The data set, and the policy.
        policy: The policy to ask instead.
        reword: Returns the instruction of an episode, by its number; None: its own.
        blank: Whether frames are grey.
    """
    watched = WatchedPolicy(policy or subject.policy, blank=blank)
    episodes: list[PredictedEpisode] = []
    calls: list[EpisodeCalls] = []
    for first in range(0, len(subject.signals), OFFLINE_BATCH):
        numbers = range(first, min(first + OFFLINE_BATCH, len(subject.signals)))
        recorded = [RecordedEpisode(number, _told(subject.signals[number], number, reword)) for number in numbers]
        found = _predict_batch(watched, subject.recording, recorded)
        episodes += found.episodes
        calls += found.calls
    subject.meter.frames += watched.frames
    return PredictedSet(tuple(episodes), tuple(calls))


def _told(signals: DemonstrationSignals, number: int, reword: Callable[[int], str] | None) -> DemonstrationSignals:
    return signals if reword is None else replace(signals, instruction=reword(number))


def _predict_batch(
    watched: WatchedPolicy, recording: EpisodeDataset, recorded: Sequence[RecordedEpisode]
) -> PredictedSet:
    axes = recording.mapping.axes
    check_compatible(watched, [each.signals for each in recorded], recording)
    predicted = predict_actions(watched, recording, recorded)
    labels = [select_axes(each.signals.actions, axes) for each in recorded]
    pairs = zip(labels, predicted.actions, strict=True)
    return PredictedSet(
        tuple(PredictedEpisode(label, select_axes(action, axes), recording.fps, axes) for label, action in pairs),
        tuple(watched.take_calls(slot) for slot in range(len(recorded))),
    )
