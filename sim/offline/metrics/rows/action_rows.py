"""Rows of the metrics of labels and predictions alone: any data set has what they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from scenarios.robot import AXIS_NAMES
from sim.offline.metrics.actions import classes, displacement, errors, sequences, skill
from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.metric import OURS, OfflineMetric, of_each

INFINITE = float("inf")
SHARE = (0.0, 1.0)
CODEVILLA = "On Offline Evaluation of Vision-based Driving Models, arXiv 1809.04843"
HORIZONS_S = (1.0, 3.0)


def _displaced(part: str, horizon_s: float) -> Callable[[Evidence], np.ndarray]:
    return of_each(lambda episode: getattr(displacement.measure_displacement(episode, horizon_s), part))


def _displacement_rows() -> tuple[OfflineMetric, ...]:
    kinds = (
        ("ade", "average displacement error", "m", "average_m"),
        ("fde", "final displacement error", "m", "final_m"),
        ("heading", "final heading error", "rad", "heading_rad"),
    )
    return tuple(
        OfflineMetric(
            name=f"{name}_{horizon_s:g}s",
            label=f"{title} of predictions rolled for {horizon_s:g} s from each frame",
            unit=unit,
            axes=("vx", "wz"),
            source="Social LSTM, CVPR 2016 (ADE, FDE); teacher-forced roll: ours",
            undefined=f"no episode lasts {horizon_s:g} s",
            measure=_displaced(part, horizon_s),
        )
        for horizon_s in HORIZONS_S
        for name, title, unit, part in kinds
    )


def _error_row(
    name: str,
    label: str,
    measure: Callable[[PredictedEpisode], float],
    *,
    axes: tuple[str, ...] = (),
    source: str = OURS,
    undefined: str = OfflineMetric.undefined,
) -> OfflineMetric:
    return OfflineMetric(
        name=name, label=label, axes=axes, source=source, undefined=undefined, measure=of_each(measure)
    )


def _share_row(
    name: str,
    label: str,
    measure: Callable[[PredictedEpisode], float],
    *,
    better: Literal["smaller", "larger"] = "smaller",
    kept: Callable[[Evidence], float] | None = None,
    axes: tuple[str, ...] = (),
    source: str = OURS,
    undefined: str = OfflineMetric.undefined,
) -> OfflineMetric:
    row = _error_row(name, label, measure, axes=axes, source=source, undefined=undefined)
    return replace(row, better=better, bounds=SHARE, kept=kept)


def _skill_row(
    name: str, label: str, measure: Callable[[Sequence[PredictedEpisode]], np.ndarray], *, source: str, undefined: str
) -> OfflineMetric:
    return OfflineMetric(
        name=name,
        label=label,
        better="larger",
        bounds=(-INFINITE, 1.0),
        source=source,
        undefined=undefined,
        measure=lambda evidence: measure(evidence.episodes),
    )


ACTION_METRICS: tuple[OfflineMetric, ...] = (
    _error_row("mae", "mean absolute error over all axes", errors.measure_mae),
    _error_row("mse", "mean squared error", errors.measure_mse),
    _error_row("rmse", "root of the mean squared error", errors.measure_rmse),
    _error_row("mae_2d", "mean absolute error of vx and vy", errors.measure_planar_mae, axes=("vx", "vy")),
    *(
        _error_row(
            f"mae_{axis}", f"mean absolute error of {axis}", partial(errors.measure_axis_mae, axis=axis), axes=(axis,)
        )
        for axis in AXIS_NAMES
    ),
    _skill_row(
        "skill_hold",
        "share of the error of repeating the previous action that is gone",
        skill.measure_hold_skill,
        undefined="the labels never change, so repeating them makes no error",
        source="mean absolute scaled error, Hyndman and Koehler 2006, as a skill",
    ),
    _skill_row(
        "skill_constant",
        "share of the error of the best constant that is gone",
        skill.measure_constant_skill,
        undefined="the labels never change, so a constant makes no error",
        source="skill score, Murphy 1988",
    ),
    _share_row(
        "tre",
        f"share of frames whose error is above {errors.RELATIVE_TOLERANCE:g} of the label",
        errors.measure_relative_misses,
        source=CODEVILLA,
    ),
    _share_row("misses", f"share of frames whose error is above {errors.TOLERANCE:g}", errors.measure_misses),
    _share_row(
        "accuracy",
        f"share of frames with every axis within {errors.TOLERANCE:g}",
        errors.measure_accuracy,
        better="larger",
    ),
    _share_row(
        "qce",
        "share of frames in another class of turn and speed",
        classes.measure_class_error,
        axes=("vx", "wz"),
        source=CODEVILLA,
    ),
    _share_row(
        "macro_f1",
        "mean F1 of the classes of turn and speed",
        classes.measure_macro_f1,
        better="larger",
        axes=("vx", "wz"),
        source="macro-averaged F1; classes after arXiv 1809.04843",
    ),
    _share_row(
        "turn_error",
        "share of turning frames with a turn in the wrong direction, or none",
        classes.measure_turn_error,
        axes=("wz",),
        undefined="the demonstrator never turns",
        kept=lambda evidence: share_frames(
            [np.abs(each.label("wz")) > classes.TURNING_WZ for each in evidence.episodes]
        ),
    ),
    _error_row(
        "speed_weighted",
        "mean absolute error weighted by the demonstrator's speed",
        errors.measure_speed_weighted_mae,
        axes=("vx",),
        source=f"speed-weighted error, {CODEVILLA}",
        undefined="the demonstrator never drives ahead",
    ),
    *_displacement_rows(),
    _error_row("tail_95", "95th percentile of the frames' errors", errors.measure_tail),
    _error_row("largest", "largest error of a frame", errors.measure_largest),
    _error_row(
        "cvar_10",
        "mean error of the worst tenth of the frames",
        errors.measure_cvar,
        source="conditional value at risk, Rockafellar and Uryasev 2002",
    ),
    _error_row("segment", f"error of the mean action over {errors.SEGMENT_S:g} s", errors.measure_segment_error),
    _error_row("turn_bias", "size of the mean signed error of wz", errors.measure_turn_bias, axes=("wz",)),
    _error_row(
        "dtw_mae",
        f"mean absolute error after time warping by up to {sequences.WARP_S:g} s",
        sequences.measure_warped_mae,
        source="Sakoe and Chiba 1978",
    ),
    _error_row("first", f"mean absolute error in the first {sequences.ENDS_S:g} s", sequences.measure_first_error),
    _error_row("last", f"mean absolute error in the last {sequences.ENDS_S:g} s", sequences.measure_last_error),
    _share_row(
        "stop_precision",
        "share of the policy's stops that the demonstrator makes, too",
        sequences.measure_stop_precision,
        better="larger",
        undefined="the policy never stands still",
    ),
    _share_row(
        "stop_recall",
        "share of the demonstrator's stops that the policy makes, too",
        sequences.measure_stop_recall,
        better="larger",
        undefined="the demonstrator never stands still",
    ),
    _error_row(
        "smoothness_gap",
        "difference in how much predictions and labels change from frame to frame",
        sequences.measure_smoothness_gap,
    ),
    _share_row(
        "flips",
        "share of steps at which the predicted turn changes its direction",
        sequences.measure_flips,
        axes=("wz",),
        undefined="every episode has a single frame",
    ),
)


def share_frames(masks: Sequence[np.ndarray]) -> float:
    """Compute the share of all frames that masks (t,) select."""
    return sum(int(mask.sum()) for mask in masks) / max(1, sum(map(len, masks)))
