"""Comparison of what a policy's spec declares with what a data set declares and contains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from policies.check.findings import MATCH, MISMATCH, UNDECLARED, Conformity
from policies.dataset.demonstration import DemonstrationSignals
from policies.dataset.mapping.mapping import DatasetMapping, VectorMapping
from policies.formats.action_format import COLUMNS
from policies.formats.normalisation import STATISTIC_NAMES, Normalisation
from policies.formats.observation_format import STATE_COLUMNS
from policies.policy import PolicySpec
from scenarios.robot import ACTION_SCALE

CENTRE_TOLERANCE = 0.12  # of the spread: statistics may come from a part of the episodes
SPREAD_TOLERANCE = 1.12  # as a factor either way
LEAST_SPREAD = 1e-3


def compare_image_size(spec: PolicySpec, frames: Sequence[np.ndarray]) -> Conformity:
    """Compare the size that the policy takes with that of recorded frames (H, W, 3)."""
    sizes = sorted({frame.shape[:2] for frame in frames})
    stored = " and ".join(f"{height}x{width}" for height, width in sizes)
    if spec.image_size is None:
        return Conformity("image size", "takes no images", stored, MATCH)
    height, width = spec.image_size
    if sizes == [(height, width)]:
        return Conformity("image size", f"{height}x{width}", stored, MATCH)
    evidence = "recorded frames are resized for it, the camera renders its size"
    return Conformity("image size", f"{height}x{width}", stored, MISMATCH, evidence)


def compare_period(spec: PolicySpec, fps: float) -> Conformity:
    """Compare the policy's period with the frame's: it must be a whole multiple."""
    frames = spec.period_s * fps
    fits = round(frames) >= 1 and abs(frames - round(frames)) < 1e-3
    every = "every frame" if round(frames) == 1 else f"every {round(frames)} frames"
    evidence = f"it acts at {every}" if fits else f"its period is {frames:.3g} frames: it must be a whole number"
    return Conformity("period", f"{spec.period_s:g} s", f"{1.0 / fps:.3g} s", MATCH if fits else MISMATCH, evidence)


def compare_columns(spec: PolicySpec, mapping: DatasetMapping) -> list[Conformity]:
    """Compare the columns of the policy's actions and states with those that the data set is read to have."""
    state = mapping.state
    return [
        _compare_action_columns(spec, mapping.actions),
        _compare_axes("state columns", spec.observation.state, state)
        if isinstance(state, VectorMapping)
        else Conformity("state columns", ", ".join(spec.observation.state), "", UNDECLARED, f"state: {state}"),
    ]


def _compare_action_columns(spec: PolicySpec, actions: VectorMapping) -> Conformity:
    if spec.action.kind not in ("velocity", "keys"):
        said = ", ".join(actions.columns)
        return Conformity("action columns", spec.action.describe(), said, UNDECLARED, "they are of different kinds")
    return _compare_axes("action columns", spec.action.columns, actions)


def _compare_axes(item: str, live: Sequence[str], mapping: VectorMapping) -> Conformity:
    """Check that the data set has every axis of the policy's."""
    labels = ", ".join(f"{axis} ({column.label})" for axis, column in mapping.columns.items())
    missing = [axis for axis in live if axis in STATE_COLUMNS and axis not in mapping.columns]
    evidence = f"it has no {', '.join(missing)}" if missing else f"of '{mapping.feature}'"
    return Conformity(item, ", ".join(live), labels, MISMATCH if missing else MATCH, evidence)


def compare_statistics(spec: PolicySpec, episodes: Sequence[DemonstrationSignals]) -> list[Conformity]:
    """Compare the statistics of the policy's normalisers with those of the episodes."""
    found = []
    for item, normalisation, names, values in (
        ("action statistics", spec.action.normalisation, spec.action.columns, _actions_in_policy_units(spec, episodes)),
        ("state statistics", spec.observation.normalisation, spec.observation.state, _states(spec, episodes)),
    ):
        if normalisation is None:
            found.append(Conformity(item, "declares no normaliser", "", UNDECLARED))
        elif values is None:
            found.append(
                Conformity(item, f"{normalisation.kind}", "", UNDECLARED, "actions of another kind are recorded")
            )
        else:
            found.append(_compare_normaliser(item, normalisation, names, values))
    return found


def _actions_in_policy_units(spec: PolicySpec, episodes: Sequence[DemonstrationSignals]) -> np.ndarray | None:
    """Return recorded actions (m, k) as the policy's columns have them; None if they are of another kind."""
    if spec.action.kind != "velocity":
        return None
    actions = np.concatenate([episode.actions for episode in episodes])
    chosen = actions[:, [COLUMNS["velocity"].index(column) for column in spec.action.columns]]
    scale = ACTION_SCALE if spec.action.unit == "si" else 1.0
    return chosen * scale * np.array(spec.action.signs or (1,) * chosen.shape[1])


def _states(spec: PolicySpec, episodes: Sequence[DemonstrationSignals]) -> np.ndarray:
    states = np.concatenate([episode.agent_pos for episode in episodes])
    return states[:, [STATE_COLUMNS.index(column) for column in spec.observation.state]]


def _compare_normaliser(item: str, declared: Normalisation, names: Sequence[str], values: np.ndarray) -> Conformity:
    """Compare centre and spread of each column, both as the normaliser's kind defines them."""
    own = _fit(declared, values)
    centre, spread = _centre_and_spread(declared)
    own_centre, own_spread = _centre_and_spread(own)
    width = np.maximum(own_spread, LEAST_SPREAD)
    off = np.abs(centre - own_centre) > CENTRE_TOLERANCE * width
    ratio = np.maximum(spread, LEAST_SPREAD) / width
    off |= (ratio > SPREAD_TOLERANCE) | (ratio < 1.0 / SPREAD_TOLERANCE)
    first, second = STATISTIC_NAMES[declared.kind]
    wrong = [
        f"{name}: {first} {declared.first[i]:.3g} for {own.first[i]:.3g}, "
        f"{second} {declared.second[i]:.3g} for {own.second[i]:.3g}"
        for i, name in enumerate(names)
        if off[i]
    ]
    evidence = "; ".join(wrong) or f"all {len(names)} columns, by {len(values)} frames"
    return Conformity(item, declared.kind, f"{len(values)} frames", MISMATCH if wrong else MATCH, evidence)


def _fit(like: Normalisation, values: np.ndarray) -> Normalisation:
    """Fit a normaliser of the same kind to values (m, k)."""
    match like.kind:
        case "mean-std":
            ends = values.mean(axis=0), values.std(axis=0)
        case "quantiles":
            ends = np.quantile(values, 0.01, axis=0), np.quantile(values, 0.99, axis=0)
        case "min-max":
            ends = values.min(axis=0), values.max(axis=0)
    return Normalisation(like.kind, tuple(ends[0].tolist()), tuple(ends[1].tolist()))


def _centre_and_spread(normalisation: Normalisation) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.array(normalisation.first), np.array(normalisation.second)
    return (first, second) if normalisation.kind == "mean-std" else ((first + second) / 2.0, (second - first) / 2.0)
