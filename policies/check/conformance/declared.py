"""Comparison of what a policy's spec declares with what a data set declares and contains."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from policies.check.findings import MATCH, MISMATCH, UNDECLARED, Conformity
from policies.dataset import Demonstration
from policies.formats.action_format import COLUMNS
from policies.formats.normalisation import STATISTIC_NAMES, Normalisation
from policies.formats.observation_format import STATE_COLUMNS
from policies.policy import PolicySpec
from scenarios.robot import ACTION_SCALE, AXIS_NAMES

CENTRE_TOLERANCE = 0.25  # of the spread: a sample of episodes has other means than all of them
SPREAD_TOLERANCE = 1.5  # as a factor either way
LEAST_SPREAD = 1e-3
INFO = "meta/info.json"
ACTION_FEATURE, STATE_FEATURE = "action", "observation.state"


def compare_image_size(spec: PolicySpec, episodes: Sequence[Demonstration]) -> Conformity:
    """Compare the size that the policy takes with that of the frames."""
    sizes = sorted({episode.pixels.shape[1:3] for episode in episodes})
    stored = " and ".join(f"{height}x{width}" for height, width in sizes)
    if spec.image_size is None:
        return Conformity("image size", "takes no images", stored, MATCH)
    height, width = spec.image_size
    same = sizes == [(height, width)]
    return Conformity("image size", f"{height}x{width}", stored, MATCH if same else MISMATCH)


def compare_period(spec: PolicySpec, fps: float) -> Conformity:
    """Compare the policy's period with the frame's: it must be a whole multiple."""
    frames = spec.period_s * fps
    fits = round(frames) >= 1 and abs(frames - round(frames)) < 1e-3
    every = "every frame" if round(frames) == 1 else f"every {round(frames)} frames"
    evidence = f"it acts at {every}" if fits else f"its period is {frames:.3g} frames: it must be a whole number"
    return Conformity("period", f"{spec.period_s:g} s", f"{1.0 / fps:.3g} s", MATCH if fits else MISMATCH, evidence)


def compare_columns(spec: PolicySpec, root: Path) -> list[Conformity]:
    """Compare the columns of actions and states with the names that the data set gives to its own."""
    features = read_features(root)
    actions = list_names(features.get(ACTION_FEATURE))
    states = list_names(features.get(STATE_FEATURE))
    return [
        _compare_names("action columns", spec.action.columns, actions),
        _compare_names("state columns", spec.observation.state, states),
    ]


def _compare_names(item: str, live: Sequence[str], declared: Sequence[str] | None) -> Conformity:
    said = ", ".join(live)
    if declared is None:
        return Conformity(item, said, "", UNDECLARED, "the data set doesn't name its columns")
    missing = [name for name in live if name not in declared]
    if len(missing) == len(live):
        return Conformity(item, said, ", ".join(declared), UNDECLARED, "it names them otherwise")
    evidence = f"it has no {', '.join(missing)}" if missing else ""
    return Conformity(item, said, ", ".join(declared), MISMATCH if missing else MATCH, evidence)


def read_features(root: Path) -> dict[str, Any]:
    """Return the features that a LeRobot data set declares; empty if it has no such declaration."""
    try:
        features = json.loads((root / INFO).read_text(encoding="utf-8"))["features"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return features if isinstance(features, dict) else {}


def list_names(feature: object) -> tuple[str, ...] | None:
    """Return the names of a feature's columns, in whichever of its forms LeRobot wrote them; None without names."""
    names = feature.get("names") if isinstance(feature, dict) else None
    if isinstance(names, dict):  # {"motors": [...]} or {"axes": [...]}
        names = next((value for value in names.values() if isinstance(value, list)), None)
    if not isinstance(names, list) or not names:
        return None
    return tuple(map(str, names))


def compare_statistics(spec: PolicySpec, episodes: Sequence[Demonstration]) -> list[Conformity]:
    """Compare the statistics of the policy's normalisers with those of the episodes."""
    found = []
    for item, normalisation, names, values in (
        ("action statistics", spec.action.normalisation, spec.action.columns, _actions_in_policy_units(spec, episodes)),
        ("state statistics", spec.observation.normalisation, spec.observation.state, _states(spec, episodes)),
    ):
        if normalisation is None:
            found.append(Conformity(item, "declares no normaliser", "", UNDECLARED))
        elif values is None:
            found.append(Conformity(item, f"{normalisation.kind}", "", UNDECLARED, "actions of another kind are recorded"))
        else:
            found.append(_compare_normaliser(item, normalisation, names, values))
    return found


def _actions_in_policy_units(spec: PolicySpec, episodes: Sequence[Demonstration]) -> np.ndarray | None:
    """Return recorded actions (m, k) as the policy's columns have them; None if they are of another kind."""
    if spec.action.kind != "velocity":
        return None
    actions = np.concatenate([episode.actions for episode in episodes])
    chosen = actions[:, [COLUMNS["velocity"].index(column) for column in spec.action.columns]]
    scale = ACTION_SCALE if spec.action.unit == "si" else 1.0
    return chosen * scale * np.array(spec.action.signs or (1,) * chosen.shape[1])


def _states(spec: PolicySpec, episodes: Sequence[Demonstration]) -> np.ndarray:
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
