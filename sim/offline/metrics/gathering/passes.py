"""Further passes over the recorded frames: by retrains, on grey frames, with other instructions."""

from __future__ import annotations

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering.subject import NotAvailableError, Subject, predict_set


def check_chunks(subject: Subject, evidence: Evidence) -> None:
    """Raise ``NotAvailableError`` unless the policy's chunks overlap; then the calls tell them."""
    spec = subject.policy.spec
    if spec.chunk <= spec.executed_actions:
        raise NotAvailableError(
            f"the policy's chunks don't overlap: it executes {spec.executed_actions} of {spec.chunk} actions"
        )


def ask_retrains(subject: Subject, evidence: Evidence) -> tuple[np.ndarray, ...]:
    """Return the predictions (k, t, axes) of the policy and its retrains on each episode."""
    if not subject.retrains:
        raise NotAvailableError("no retrains of the policy are given: name them after --retrains")
    others = [predict_set(subject, policy).episodes for policy in subject.retrains]
    alike = zip(evidence.episodes, *others, strict=True)
    return tuple(np.stack([each.predictions for each in episode]) for episode in alike)


def ask_on_grey_frames(subject: Subject, evidence: Evidence) -> tuple[PredictedEpisode, ...]:
    """Return the predictions on frames that show nothing."""
    if subject.policy.spec.image_size is None:
        raise NotAvailableError("the policy takes no frames")
    return predict_set(subject, blank=True).episodes


def ask_with_other_words(subject: Subject, evidence: Evidence) -> tuple[PredictedEpisode, ...]:
    """Return the predictions with the instruction of the next episode that has another one."""
    told = [signals.instruction for signals in subject.signals]
    if len(set(told)) < 2:
        raise NotAvailableError("all instructions of the data set are equal")

    def reword(number: int) -> str:
        onward = told[number + 1 :] + told[:number]
        return next(text for text in onward if text != told[number])

    return predict_set(subject, reword=reword).episodes
