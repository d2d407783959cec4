"""What a spec declares is compared with what a data set has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from policies.check.conformance.declared import (
    compare_columns,
    compare_image_size,
    compare_period,
    compare_statistics,
)
from policies.check.findings import MATCH, MISMATCH, UNDECLARED
from policies.dataset.demonstration import DemonstrationSignals
from policies.dataset.mapping.mapping import NO_STATE, Column, DatasetMapping, Instruction, VectorMapping
from policies.formats.action_format import ActionFormat
from policies.formats.normalisation import Normalisation
from policies.formats.observation_format import ObservationFormat
from policies.policy import PolicySpec
from scenarios.robot import ACTION_SCALE

SPEC = PolicySpec("tested", (224, 224), 0.1, (0.0, 0.0, 0.0))
RNG = np.random.default_rng(0)
ACTIONS = RNG.normal((0.5, 0.0, 0.1), (0.2, 0.1, 0.3), (400, 3)).astype(np.float32)
STATES = RNG.normal(0.0, 1.0, (400, 6)).astype(np.float32)
EPISODES = [DemonstrationSignals(None, "go", True, "a test", STATES, ACTIONS, ACTIONS)]


def mapping(axes: str, state: VectorMapping | str = NO_STATE) -> DatasetMapping:
    columns = {axis: Column(axis, place) for place, axis in enumerate(axes.split())}
    return DatasetMapping("front", "rgb", 10.0, VectorMapping("action", columns), state, Instruction())


@pytest.mark.parametrize(
    ("size", "stored", "verdict"),
    [((224, 224), (224, 224), MATCH), (None, (1, 2), MATCH), ((224, 224), (480, 640), MISMATCH)],
)
def test_image_sizes_match_if_equal_or_unused(size, stored, verdict) -> None:
    found = compare_image_size(replace(SPEC, image_size=size), [np.zeros((*stored, 3), np.uint8)])
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("period_s", "fps", "verdict"), [(0.1, 10, MATCH), (0.3, 10, MATCH), (0.1, 5, MISMATCH), (0.25, 10, MISMATCH)]
)
def test_a_period_matches_if_it_is_a_whole_number_of_frames(period_s: float, fps: float, verdict: str) -> None:
    assert compare_period(replace(SPEC, period_s=period_s), fps).verdict == verdict


def test_columns_match_if_the_data_set_has_all_of_the_policys() -> None:
    actions, states = compare_columns(SPEC, mapping("vx vy"))
    assert (actions.verdict, actions.evidence) == (MISMATCH, "it has no wz")
    assert states.verdict == UNDECLARED
    assert compare_columns(replace(SPEC, action=ActionFormat(columns=("vx",))), mapping("vx vy"))[0].verdict == MATCH
    whole = VectorMapping("state", {axis: Column(axis, place) for place, axis in enumerate(("x", "y", "yaw"))})
    odometry = replace(SPEC, observation=ObservationFormat(state=("x", "yaw")))
    assert compare_columns(odometry, mapping("vx", whole))[1].verdict == MATCH


@pytest.mark.parametrize("kind", ["mean-std", "quantiles", "min-max"])
def test_statistics_match_their_own_set_in_the_policys_units_and_no_other(kind) -> None:
    values = ACTIONS[:, [2, 0]] * (-ACTION_SCALE, ACTION_SCALE)
    ends = {
        "mean-std": (values.mean(axis=0), values.std(axis=0)),
        "quantiles": tuple(np.quantile(values, (0.01, 0.99), axis=0)),
        "min-max": (values.min(axis=0), values.max(axis=0)),
    }[kind]
    own = Normalisation(kind, *(tuple(each.tolist()) for each in ends))
    form = ActionFormat(columns=("wz", "vx"), unit="si", signs=(-1, 1), normalisation=own)
    assert compare_statistics(replace(SPEC, action=form), EPISODES)[0].verdict == MATCH
    wide = Normalisation(kind, *((ACTION_SCALE * each[0], each[1]) for each in (own.first, own.second)))
    other = replace(form, normalisation=wide)
    found = compare_statistics(replace(SPEC, action=other), EPISODES)[0]
    assert found.verdict == MISMATCH
    assert found.evidence.startswith("wz: ")
    assert "vx: " not in found.evidence


def test_states_are_compared_in_their_columns_and_nothing_is_undeclared() -> None:
    form = ObservationFormat(state=("x",), normalisation=Normalisation("mean-std", (5.0,), (1.0,)))
    actions, states = compare_statistics(replace(SPEC, observation=form), EPISODES)
    assert (actions.verdict, states.verdict) == (UNDECLARED, MISMATCH)
    keys = ActionFormat("keys", columns=("key",), normalisation=Normalisation("mean-std", (4.0,), (1.0,)))
    assert compare_statistics(replace(SPEC, action=keys), EPISODES)[0].verdict == UNDECLARED
