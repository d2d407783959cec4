"""Laws of the rows that need the true scenes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from driven_scenes import make_scene

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.rows.scene_rows import SCENE_METRICS
from sim.offline.metrics.scenes.drives import DrivenStates
from sim.offline.metrics.scenes.language import SecondInstruction
from sim.offline.metrics.scenes.offset_views import OffsetViews

ROWS = {metric.name: metric for metric in SCENE_METRICS}
FRAMES = 60


@pytest.fixture(scope="module")
def evidence():
    scene, actions = make_scene(frames=FRAMES)
    given = actions + np.array([0.3, 0.0, 0.0])
    told = SecondInstruction(actions, given, np.add(actions, [0, 0, 0.6]), np.add(given, [0, 0, 0.3]), 2)
    views = OffsetViews(np.zeros(2, int), np.full(2, 20), scene.poses[[20, 21]], actions[[20, 21]], given[[20, 21]])
    zeros = np.zeros((50, 3))
    errors = np.concatenate([np.full((30, 3), 0.1), np.full((20, 3), 0.2)])
    drive = DrivenStates(scene.states[:51] + np.array([0.0, 0.2, 0.0, 0.0]), errors, zeros, 0.1)
    return Evidence(
        0.1,
        1,
        (PredictedEpisode(actions, given, 10.0),),
        scenes=(scene,),
        told=(told,),
        views=(views,),
        short_drives=(drive,),
        drives=(drive,),
    )


@pytest.mark.parametrize(
    ("name", "by_hand"),
    [
        ("ci_mse", 0.09 / 3),
        ("ci_mse_2", 0.09 / 3),
        ("language_gap", 0.5),
        ("side_agreement", 1.0),
        ("offset_error", 0.1),
        ("led_error", 0.1),
        ("on_policy_first", 0.1),
        ("on_policy_mae", (30 * 0.1 + 20 * 0.2) / 50),
    ],
)
def test_a_row_has_the_value_by_hand(evidence, name, by_hand):
    assert ROWS[name].measure(evidence) == pytest.approx([by_hand])


def test_short_drives_are_compared_with_as_long_a_stretch_of_the_demonstration(evidence):
    (value,) = ROWS["state_divergence"].measure(evidence)
    assert 0.1 < value <= 0.2  # states 0.2 m aside; another assignment may be nearer


def test_scores_are_shares_and_fewer_frames_are_critical_by_two_rules(evidence):
    for name in ("open_loop_score", "open_loop_contacts", "open_loop_progress", "pseudo_simulation"):
        (value,) = ROWS[name].measure(evidence)
        assert 0.0 <= value <= 1.0
    assert 0.0 < ROWS["ci_mse_2"].kept(evidence) < ROWS["ci_mse"].kept(evidence) <= 1.0
    assert ROWS["language_gap"].kept(evidence) == 1.0


@pytest.mark.parametrize("name", ["language_gap", "side_agreement"])
def test_frames_without_a_second_instruction_are_not_kept(evidence, name):
    doubled = replace(evidence, episodes=evidence.episodes * 2, told=(*evidence.told, None))
    assert ROWS[name].kept(doubled) == ROWS[name].kept(evidence) / 2 > 0.0


def test_every_row_is_tested():
    assert len(ROWS) == 13
