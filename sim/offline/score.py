"""The offline score of a policy on recorded episodes: its error in every convention, each beside its floors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from policies.dataset.episodes import EpisodeDataset
from policies.policy import Policy
from sim.offline.baselines import CONSTANT_BASELINES, HOLD_BASELINE, fit_constant_baselines, repeat_previous_action
from sim.offline.conventions import CONVENTIONS, DEFAULT_CONVENTION, UNIT_SCALES, Convention, select_frames
from sim.offline.dataset_checks import ScoredEpisodes, TrainingSet, list_skipped_checks, run_dataset_checks
from sim.offline.error_statistics import MAE, ErrorStatistics, compare_mae, summarise_errors, to_record
from sim.offline.predictions import OFFLINE_BATCH, check_compatible, hold_frames, predict_actions
from sim.rollout.policy_calls import describe_error

FIGURES = ("mae", "low", "high", "mae_axis", "mse", "rmse", "rmse_low", "rmse_high", "accuracy", "versus")
DECIMALS = 6  # of what is told per convention; there are many


def score_policy(policy: Policy, recording: EpisodeDataset, training: TrainingSet | None = None) -> dict[str, Any]:
    """Open-loop error of a policy on recorded episodes.

    Frames are fed in order, each episode from a fresh recurrent state, whichever of them a convention counts.

    Args:
        policy: Whom to ask.
        recording: The episodes.
        training: What the policy was trained on, to look for it among the scored frames.

    Returns:
        ``frames``, ``episodes``, ``frame_s`` and ``period_s`` (how long a frame and an answer last);

        in actions in [-1, 1], over all frames and axes: ``mae`` with ``low`` and ``high``, its 95 % percentile
        bootstrap over whole episodes; ``mae_axis`` [vx, vy, wz]; ``mse``; ``rmse`` with ``rmse_low``, ``rmse_high``;
        ``accuracy`` by tolerance: the share of frames whose every axis is that close, with its interval; ``floors``:
        the MAE of each of ``sim.offline.baselines.BASELINES`` (``hold`` begins every episode with zero); ``versus``:
        the MAE less that of the best ``constant``, which ``floor`` names, and less that of ``hold``, with intervals;
        ``episode_mae`` (not there after an error) and ``episode_frames``: of each episode;

        ``conventions``: the same in each of ``CONVENTIONS`` that the episodes have a frame of, with ``axes``, ``unit``,
        ``frames`` and how many frames ``count``; its ``floors`` have all figures;

        ``alarms``: what in the data flatters such an error, see ``sim.offline.dataset_checks``; ``unchecked``: which of
        the checks couldn't be made;

        ``error``: None, or what the policy did wrong, in which case its own figures are None.

    Raises:
        InputError: The policy's spec doesn't fit, or it is privileged and the scenes can't be built again.
    """
    hold = hold_frames(policy.spec, recording.fps)
    evidence = ScoredEpisodes(training)
    given: list[np.ndarray] = []  # (t, 3) each
    error = None
    for first in range(0, len(recording), OFFLINE_BATCH):
        episodes = [
            recording.demonstration(number) for number in range(first, min(first + OFFLINE_BATCH, len(recording)))
        ]
        check_compatible(policy, episodes, recording)
        for episode in episodes:
            evidence.add(episode)
        if error is None:
            try:
                given += predict_actions(policy, episodes, hold)
            except Exception as raised:  # noqa: BLE001  any policy, any error: it is recorded in the result
                error = describe_error(raised)
    found = score_conventions(evidence.labels, given if error is None else None)
    own = found[DEFAULT_CONVENTION]
    pairs = zip(given, evidence.labels, strict=error is None)
    each = {} if error else {"episode_mae": [float(np.abs(one - other).mean()) for one, other in pairs]}
    return {
        "frames": evidence.frames,
        "episodes": len(evidence.labels),
        "frame_s": 1.0 / recording.fps,
        "period_s": policy.spec.period_s,
        **{name: own[name] for name in FIGURES},
        **each,
        "episode_frames": [len(labels) for labels in evidence.labels],
        "floors": {name: floor["mae"] for name, floor in own["floors"].items()},
        "conventions": [{**convention._asdict(), **_rounded(found[convention])} for convention in found],
        "alarms": [asdict(leak) for leak in run_dataset_checks(evidence)],
        "unchecked": list_skipped_checks(evidence),
        "error": error,
    }


def score_conventions(
    labels: Sequence[np.ndarray], given: Sequence[np.ndarray] | None
) -> dict[Convention, dict[str, Any]]:
    """The figures of answers and of all floors, in every convention that any frame is left in.

    Args:
        labels: (t, 3) per episode, in [-1, 1].
        given: The answers to them; None if there are none, whose figures are then None.
    """
    before = repeat_previous_action(labels)
    found: dict[Convention, dict[str, Any]] = {}
    for convention in CONVENTIONS:
        wanted = select_frames(labels, convention.axes, convention.frames)
        if not wanted:
            continue
        scale = UNIT_SCALES[convention.unit]
        answer = fit_constant_baselines(np.concatenate(wanted).astype(np.float64))
        floors = {
            name: summarise_errors([scale * (answer[name] - label) for label in wanted]) for name in CONSTANT_BASELINES
        }
        floors[HOLD_BASELINE] = _summarise_scaled_errors(
            select_frames(before, convention.axes, convention.frames), wanted, scale
        )
        own: dict[str, Any] = dict.fromkeys(FIGURES)
        if given is not None:
            figures = _summarise_scaled_errors(select_frames(given, convention.axes, convention.frames), wanted, scale)
            own = {**to_record(figures), "versus": _compare_with_baselines(figures, floors)}
        found[convention] = {
            "count": sum(map(len, wanted)),
            **own,
            "floors": {name: _short(to_record(floor)) for name, floor in floors.items()},
        }
    return found


def _summarise_scaled_errors(
    given: Sequence[np.ndarray], wanted: Sequence[np.ndarray], scale: float
) -> ErrorStatistics:
    return summarise_errors(
        [scale * (one - other.astype(np.float64)) for one, other in zip(given, wanted, strict=True)]
    )


def _compare_with_baselines(own: ErrorStatistics, floors: Mapping[str, ErrorStatistics]) -> dict[str, Any]:
    best = min(CONSTANT_BASELINES, key=lambda name: floors[name].figures[MAE])
    return {
        "constant": {"floor": best, **compare_mae(own, floors[best])},
        HOLD_BASELINE: compare_mae(own, floors[HOLD_BASELINE]),
    }


def _short(figures: dict[str, Any]) -> dict[str, Any]:
    """Of a floor, the interval of the MAE will do."""
    rates = {tolerance: accuracy["rate"] for tolerance, accuracy in figures["accuracy"].items()}
    kept = {name: figures[name] for name in ("mae", "low", "high", "mae_axis", "mse", "rmse")}
    return {**kept, "accuracy": rates}


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return round(value, DECIMALS) if isinstance(value, float) else value
