"""The offline score of a policy on recorded episodes: its error in every convention, each beside its floors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from policies.dataset.episodes import Recording
from policies.policy import Policy
from sim.offline.baselines import CONSTANTS, HOLD, constants, held
from sim.offline.conventions import CONVENTIONS, OWN, UNITS, Convention, chosen
from sim.offline.dataset_checks import Evidence, Training, leaks, unchecked
from sim.offline.error_statistics import MAE, Tally, record, tally, versus
from sim.offline.predictions import BATCH, answers, check_fit, hold_frames
from sim.rollout.loop import describe

FIGURES = ("mae", "low", "high", "mae_axis", "mse", "rmse", "rmse_low", "rmse_high", "accuracy", "versus")
DECIMALS = 6  # of what is told per convention; there are many


def score(policy: Policy, recording: Recording, training: Training | None = None) -> dict[str, Any]:
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
        the MAE of each of ``sim.offline.baselines.FLOORS`` (``hold`` begins every episode with zero); ``versus``: the
        MAE less that of the best ``constant``, which ``floor`` names, and less that of ``hold``, with intervals;
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
    evidence = Evidence(training)
    given: list[np.ndarray] = []  # (t, 3) each
    error = None
    for first in range(0, len(recording), BATCH):
        episodes = [recording.demonstration(number) for number in range(first, min(first + BATCH, len(recording)))]
        check_fit(policy, episodes, recording)
        for episode in episodes:
            evidence.add(episode)
        if error is None:
            try:
                given += answers(policy, episodes, hold)
            except Exception as raised:  # noqa: BLE001  any policy, any error: it is recorded in the result
                error = describe(raised)
    found = measured(evidence.labels, given if error is None else None)
    own = found[OWN]
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
        "alarms": [asdict(leak) for leak in leaks(evidence)],
        "unchecked": unchecked(evidence),
        "error": error,
    }


def measured(labels: Sequence[np.ndarray], given: Sequence[np.ndarray] | None) -> dict[Convention, dict[str, Any]]:
    """The figures of answers and of all floors, in every convention that any frame is left in.

    Args:
        labels: (t, 3) per episode, in [-1, 1].
        given: The answers to them; None if there are none, whose figures are then None.
    """
    before = held(labels)
    found: dict[Convention, dict[str, Any]] = {}
    for convention in CONVENTIONS:
        wanted = chosen(labels, convention.axes, convention.frames)
        if not wanted:
            continue
        scale = UNITS[convention.unit]
        answer = constants(np.concatenate(wanted).astype(np.float64))
        floors = {name: tally([scale * (answer[name] - label) for label in wanted]) for name in CONSTANTS}
        floors[HOLD] = _tally(chosen(before, convention.axes, convention.frames), wanted, scale)
        own: dict[str, Any] = dict.fromkeys(FIGURES)
        if given is not None:
            figures = _tally(chosen(given, convention.axes, convention.frames), wanted, scale)
            own = {**record(figures), "versus": _versus(figures, floors)}
        found[convention] = {
            "count": sum(map(len, wanted)),
            **own,
            "floors": {name: _short(record(floor)) for name, floor in floors.items()},
        }
    return found


def _tally(given: Sequence[np.ndarray], wanted: Sequence[np.ndarray], scale: float) -> Tally:
    return tally([scale * (one - other.astype(np.float64)) for one, other in zip(given, wanted, strict=True)])


def _versus(own: Tally, floors: Mapping[str, Tally]) -> dict[str, Any]:
    best = min(CONSTANTS, key=lambda name: floors[name].found[MAE])
    return {"constant": {"floor": best, **versus(own, floors[best])}, HOLD: versus(own, floors[HOLD])}


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
