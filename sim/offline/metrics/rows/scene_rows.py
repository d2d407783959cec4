"""Rows of the metrics that need the true scenes: critical frames, words, open-loop scores, views, drives."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import numpy as np

from scenarios.robot import AXIS_NAMES
from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.metric import OfflineMetric
from sim.offline.metrics.rows.action_rows import INFINITE, SHARE, share_frames
from sim.offline.metrics.scenes import critical, drives, language, offset_views, open_loop
from sim.offline.metrics.scenes.offset_views import OffsetViews
from sim.offline.metrics.scenes.open_loop import RollScore
from sim.offline.metrics.scenes.scene import EpisodeScene

PSEUDO = "Pseudo-Simulation for Autonomous Driving, arXiv 2506.04218"
TOO_SHORT = f"no episode lasts {offset_views.LATER_S:g} s"


def _critical_row(name: str, rules: int, words: str) -> OfflineMetric:
    def measure(evidence: Evidence) -> np.ndarray:
        pairs = zip(evidence.episodes, evidence.critical, strict=True)
        return np.array([critical.measure_critical_mse(episode, counts >= rules) for episode, counts in pairs])

    return OfflineMetric(
        name=name,
        label=f"mean squared error on frames that are critical by {words}",
        needs=("labels", "scenes"),
        axes=("wz",),
        source="critical-interval MSE, arXiv 2606.29898; rules from the true scene: ours",
        undefined="no frame is critical",
        measure=measure,
        kept=lambda evidence: share_frames([counts >= rules for counts in evidence.critical]),
    )


def _roll_row(
    name: str, label: str, better: Literal["smaller", "larger"], measure: Callable[[Sequence[RollScore]], float]
) -> OfflineMetric:
    return OfflineMetric(
        name=name,
        label=label,
        better=better,
        needs=("labels", "scenes"),
        axes=AXIS_NAMES,
        bounds=SHARE,
        source="NAVSIM, arXiv 2406.15349",
        undefined=f"no episode lasts {open_loop.SHORTEST_S:g} s",
        measure=lambda evidence: np.array([measure(rolls) for rolls in evidence.rolls]),
    )


def _measure_divergence(evidence: Evidence) -> np.ndarray:
    return np.array(
        [
            drives.measure_state_divergence(drive, scene.states[: round(drives.SHORT_DRIVE_S * scene.fps) + 1])
            for drive, scene in zip(evidence.short_drives, evidence.scenes, strict=True)
        ]
    )


def _view_row(
    name: str,
    label: str,
    measure: Callable[[PredictedEpisode, EpisodeScene, OffsetViews], float],
    better: Literal["smaller", "larger"] = "smaller",
    bounds: tuple[float, float] = OfflineMetric.bounds,
) -> OfflineMetric:
    """Make the row of a function of predictions, scene and views from poses around the demonstrator's."""

    def apply(evidence: Evidence) -> np.ndarray:
        found = zip(evidence.episodes, evidence.scenes, evidence.views, strict=True)
        return np.array([measure(*each) for each in found])

    return OfflineMetric(
        name=name,
        label=label,
        better=better,
        needs=("labels", "renders"),
        axes=AXIS_NAMES,
        bounds=bounds,
        source=PSEUDO,
        undefined=TOO_SHORT,
        measure=apply,
    )


def _share_asked(select: Callable[[language.SecondInstruction], np.ndarray], evidence: Evidence) -> float:
    """The share of all frames that count; none of those of an episode without a second instruction."""
    pairs = zip(evidence.episodes, evidence.told, strict=True)
    return share_frames(
        [np.zeros(len(episode.labels), np.bool_) if told is None else select(told) for episode, told in pairs]
    )


SCENE_METRICS: tuple[OfflineMetric, ...] = (
    _critical_row("ci_mse", 1, "any rule"),
    _critical_row("ci_mse_2", 2, "two rules at least"),
    OfflineMetric(
        name="language_gap",
        label="change of action under a second instruction, over the expert's change",
        better="larger",
        needs=("second instruction",),
        undefined="the expert does the same under both instructions",
        measure=lambda evidence: np.array([language.measure_language_gap(told) for told in evidence.told]),
        kept=partial(_share_asked, language.select_choice_frames),
    ),
    OfflineMetric(
        name="side_agreement",
        label="share of frames in which the turn changes to the side that a second instruction asks for",
        better="larger",
        needs=("second instruction",),
        bounds=SHARE,
        undefined="the second instructions never ask for another turn",
        kept=partial(_share_asked, language.select_turn_frames),
        measure=lambda evidence: np.array([language.measure_side_agreement(told) for told in evidence.told]),
    ),
    _roll_row(
        "open_loop_score",
        f"driving score of predictions rolled for {open_loop.HORIZON_S:g} s in the true scene",
        "larger",
        open_loop.measure_open_loop_score,
    ),
    _roll_row("open_loop_contacts", "share of these rolls with a contact", "smaller", open_loop.measure_contacts),
    _roll_row(
        "open_loop_progress",
        "progress of these rolls over that of the labels",
        "larger",
        open_loop.measure_rolled_progress,
    ),
    OfflineMetric(
        name="offset_error",
        label="mean absolute error on views from poses around the demonstrator's",
        needs=("renders",),
        axes=AXIS_NAMES,
        source=f"stage 2 of {PSEUDO}",
        undefined=TOO_SHORT,
        measure=lambda evidence: np.array([offset_views.measure_offset_error(views) for views in evidence.views]),
    ),
    _view_row(
        "led_error",
        "the same, weighted by where the policy's own predictions lead",
        offset_views.measure_led_error,
    ),
    _view_row(
        "pseudo_simulation",
        "open-loop score times the score of held answers to such views, weighted alike",
        offset_views.measure_pseudo_simulation,
        better="larger",
        bounds=SHARE,
    ),
    OfflineMetric(
        name="state_divergence",
        label=f"Wasserstein-1 distance of the states visited in {drives.SHORT_DRIVE_S:g} s to the demonstrator's",
        needs=("short drives",),
        source="Hyperparameter Selection for Imitation Learning, arXiv 2105.12034",
        bounds=(0.0, INFINITE),
        measure=_measure_divergence,
    ),
    OfflineMetric(
        name="on_policy_first",
        label=f"mean absolute error in the states visited in the first {drives.FIRST_S:g} s of drives",
        needs=("short drives",),
        source="DAgger, arXiv 1011.0686",
        measure=lambda evidence: np.array(
            [drives.measure_driven_error(drive, drives.FIRST_S) for drive in evidence.short_drives]
        ),
    ),
    OfflineMetric(
        name="on_policy_mae",
        label="mean absolute error in the states visited in whole drives: the upper reference",
        needs=("drives",),
        source="DAgger, arXiv 1011.0686",
        measure=lambda evidence: np.array([drives.measure_driven_error(drive, math.inf) for drive in evidence.drives]),
    ),
)
