"""Rows of the metrics of labels and predictions alone: any data set has what they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from scenarios.robot import AXIS_NAMES
from sim.offline.metrics.actions import classes, displacement, errors, sequences, skill
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.metric import OfflineMetric, of_each

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


ACTION_METRICS: tuple[OfflineMetric, ...] = (
    OfflineMetric(name="mae", label="mean absolute error over all axes", measure=of_each(errors.measure_mae)),
    OfflineMetric(name="mse", label="mean squared error", measure=of_each(errors.measure_mse)),
    OfflineMetric(name="rmse", label="root of the mean squared error", measure=of_each(errors.measure_rmse)),
    OfflineMetric(
        name="mae_2d",
        label="mean absolute error of vx and vy",
        axes=("vx", "vy"),
        measure=of_each(errors.measure_planar_mae),
    ),
    *(
        OfflineMetric(
            name=f"mae_{axis}",
            label=f"mean absolute error of {axis}",
            axes=(axis,),
            measure=of_each(partial(errors.measure_axis_mae, axis=axis)),
        )
        for axis in AXIS_NAMES
    ),
    OfflineMetric(
        name="skill_hold",
        label="share of the error of repeating the previous action that is gone",
        better="larger",
        bounds=(-INFINITE, 1.0),
        undefined="the labels never change, so repeating them makes no error",
        source="mean absolute scaled error, Hyndman and Koehler 2006, as a skill",
        measure=lambda evidence: skill.measure_hold_skill(evidence.episodes),
    ),
    OfflineMetric(
        name="skill_constant",
        label="share of the error of the best constant that is gone",
        better="larger",
        bounds=(-INFINITE, 1.0),
        undefined="the labels never change, so a constant makes no error",
        source="skill score, Murphy 1988",
        measure=lambda evidence: skill.measure_constant_skill(evidence.episodes),
    ),
    OfflineMetric(
        name="tre",
        label=f"share of frames whose error is above {errors.RELATIVE_TOLERANCE:g} of the label",
        bounds=SHARE,
        source=CODEVILLA,
        measure=of_each(errors.measure_relative_misses),
    ),
    OfflineMetric(
        name="misses",
        label=f"share of frames whose error is above {errors.TOLERANCE:g}",
        bounds=SHARE,
        measure=of_each(errors.measure_misses),
    ),
    OfflineMetric(
        name="accuracy",
        label=f"share of frames with every axis within {errors.TOLERANCE:g}",
        better="larger",
        bounds=SHARE,
        measure=of_each(errors.measure_accuracy),
    ),
    OfflineMetric(
        name="qce",
        label="share of frames in another class of turn and speed",
        axes=("vx", "wz"),
        bounds=SHARE,
        source=CODEVILLA,
        measure=of_each(classes.measure_class_error),
    ),
    OfflineMetric(
        name="macro_f1",
        label="mean F1 of the classes of turn and speed",
        better="larger",
        axes=("vx", "wz"),
        bounds=SHARE,
        source="macro-averaged F1; classes after arXiv 1809.04843",
        measure=of_each(classes.measure_macro_f1),
    ),
    OfflineMetric(
        name="turn_error",
        label="share of turning frames with a turn in the wrong direction, or none",
        axes=("wz",),
        bounds=SHARE,
        undefined="the demonstrator never turns",
        measure=of_each(classes.measure_turn_error),
        kept=lambda evidence: share_frames(
            [np.abs(each.label("wz")) > classes.TURNING_WZ for each in evidence.episodes]
        ),
    ),
    OfflineMetric(
        name="speed_weighted",
        label="mean absolute error weighted by the demonstrator's speed",
        axes=("vx",),
        source=f"speed-weighted error, {CODEVILLA}",
        undefined="the demonstrator never drives ahead",
        measure=of_each(errors.measure_speed_weighted_mae),
    ),
    *_displacement_rows(),
    OfflineMetric(name="tail_95", label="95th percentile of the frames' errors", measure=of_each(errors.measure_tail)),
    OfflineMetric(name="largest", label="largest error of a frame", measure=of_each(errors.measure_largest)),
    OfflineMetric(
        name="cvar_10",
        label="mean error of the worst tenth of the frames",
        source="conditional value at risk, Rockafellar and Uryasev 2002",
        measure=of_each(errors.measure_cvar),
    ),
    OfflineMetric(
        name="segment",
        label=f"error of the mean action over {errors.SEGMENT_S:g} s",
        measure=of_each(errors.measure_segment_error),
    ),
    OfflineMetric(
        name="turn_bias",
        label="size of the mean signed error of wz",
        axes=("wz",),
        measure=of_each(errors.measure_turn_bias),
    ),
    OfflineMetric(
        name="dtw_mae",
        label=f"mean absolute error after time warping by up to {sequences.WARP_S:g} s",
        source="Sakoe and Chiba 1978",
        measure=of_each(sequences.measure_warped_mae),
    ),
    OfflineMetric(
        name="first",
        label=f"mean absolute error in the first {sequences.ENDS_S:g} s",
        measure=of_each(sequences.measure_first_error),
    ),
    OfflineMetric(
        name="last",
        label=f"mean absolute error in the last {sequences.ENDS_S:g} s",
        measure=of_each(sequences.measure_last_error),
    ),
    OfflineMetric(
        name="stop_precision",
        label="share of the policy's stops that the demonstrator makes, too",
        better="larger",
        bounds=SHARE,
        undefined="the policy never stands still",
        measure=of_each(sequences.measure_stop_precision),
    ),
    OfflineMetric(
        name="stop_recall",
        label="share of the demonstrator's stops that the policy makes, too",
        better="larger",
        bounds=SHARE,
        undefined="the demonstrator never stands still",
        measure=of_each(sequences.measure_stop_recall),
    ),
    OfflineMetric(
        name="smoothness_gap",
        label="difference in how much predictions and labels change from frame to frame",
        measure=of_each(sequences.measure_smoothness_gap),
    ),
    OfflineMetric(
        name="flips",
        label="share of steps at which the predicted turn changes its direction",
        axes=("wz",),
        bounds=SHARE,
        undefined="every episode has a single frame",
        measure=of_each(sequences.measure_flips),
    ),
)


def share_frames(masks: Sequence[np.ndarray]) -> float:
    """Compute the share of all frames that masks (t,) select."""
    return sum(int(mask.sum()) for mask in masks) / max(1, sum(map(len, masks)))
