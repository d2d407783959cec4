"""Laws of asking about views from poses around the demonstrator's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from answering import Answering, constant
from driven_scenes import make_set, make_subject

from policies.scripted.expert import ExpertPolicy, compute_expert_action
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering import render_views
from sim.offline.metrics.gathering.render_views import ViewPose, ask_on_views, choose_poses, is_free, locate_view
from sim.offline.metrics.gathering.scenes import rebuild_scenes
from sim.offline.metrics.gathering.subject import NotAvailableError
from sim.offline.metrics.scenes.offset_views import measure_offset_error
from sim.offline.metrics.scenes.scene import EpisodeScene

RECORDING = make_set(frames=45)


@pytest.fixture(scope="module")
def scene():
    return rebuild_scenes(make_subject(constant(0, 0, 0), RECORDING), None)[0]


def asked(policy, scene):
    subject = make_subject(policy, RECORDING)
    (views,) = ask_on_views(subject, Evidence(0.1, 1, (), scenes=(scene,)))
    return subject, views


def test_every_policy_is_shown_the_same_free_poses_two_seconds_after_each_anchor(scene):
    chosen = choose_poses(make_subject(constant(0, 0, 0), RECORDING), 0, scene)
    assert chosen == choose_poses(make_subject(constant(1, 0, 0), RECORDING), 0, scene)
    assert [view.anchor for view in chosen] == [0] * 8 + [20] * 8
    assert all(view.frame == view.anchor + 20 for view in chosen)
    assert all(is_free(scene, view) for view in chosen)
    assert len({view.aside_m for view in chosen}) == 16


def test_a_pose_lies_beside_the_path_by_hand(scene):
    on_path = locate_view(scene, ViewPose(0, 20, 20.0, 0.0, 0.0))
    assert on_path == pytest.approx(scene.poses[20])
    half = locate_view(scene, ViewPose(0, 20, 20.5, 0.0, 0.0))
    assert half[:2] == pytest.approx((scene.poses[20, :2] + scene.poses[21, :2]) / 2)
    aside = locate_view(scene, ViewPose(0, 20, 20.0, 0.3, 0.2))
    yaw = scene.poses[20, 2]
    assert aside == pytest.approx(scene.poses[20] + np.array([-0.3 * math.sin(yaw), 0.3 * math.cos(yaw), 0.2]))
    assert locate_view(scene, ViewPose(0, 20, 20.0, 0.0, 0.0), before=5.0) == pytest.approx(scene.poses[15])
    assert locate_view(scene, ViewPose(0, 20, 99.0, 0.0, 0.0)) == pytest.approx(scene.poses[-1])


def test_a_pose_in_a_wall_behind_one_or_at_the_goal_is_not_free(scene):
    beside = [ViewPose(0, 20, 20.0, aside, 0.0) for aside in (0.0, *np.arange(0.25, 4.1, 0.25))]
    free = [is_free(scene, view) for view in beside]
    assert free[0]
    assert free == sorted(free, reverse=True)  # up to the wall, and never beyond
    assert float(scene.measure_clearance(locate_view(scene, beside[-1])[None, :2], [20])[0]) > 1.0
    poses = np.array([[*scene.world.task.goal.pose.xy, 0.0]] * 2)
    arrived = EpisodeScene(scene.world, poses, scene.progress[:2], scene.fps)
    assert not is_free(arrived, ViewPose(0, 1, 1.0, 0.0, 0.0))


def test_labels_are_the_experts_and_renders_and_frames_are_counted(scene):
    subject, views = asked(constant(0.2, 0.0, 0.0), scene)
    assert (subject.meter.renders, subject.meter.frames) == (16, 16)
    assert np.allclose(views.predictions, [0.2, 0.0, 0.0])
    expert = [compute_expert_action(scene.planner, pose, ()) for pose in views.poses]
    assert views.labels == pytest.approx(np.array(expert))
    assert measure_offset_error(views) == pytest.approx(np.abs(np.array(expert) - [0.2, 0, 0]).mean())


def test_each_view_shows_its_own_pose_with_its_odometry(scene):
    seen = []

    def look(batch, _):
        seen.append((batch.pixels[batch.live], batch.agent_pos[batch.live]))
        return np.zeros((10, 3))

    _, views = asked(Answering(look, image_size=(24, 24)), scene)
    pixels, agent_pos = (np.concatenate(each) for each in zip(*seen, strict=True))
    assert pixels.shape == (16, 24, 24, 3)
    assert len({frame.tobytes() for frame in pixels}) > 12
    start = scene.world.start
    assert agent_pos[:, 3:5] == pytest.approx(start.to_local(views.poses[:, :2]), abs=1e-5)


def test_a_policy_with_a_memory_sees_what_leads_to_a_view(scene):
    calls = []
    policy = Answering(lambda batch, _: calls.append(batch.agent_pos[0, 3]) or np.zeros((10, 3)), history=0)
    subject, _ = asked(policy, scene)
    assert subject.meter.renders == 16 * render_views.CONTEXT
    first = calls[: render_views.CONTEXT]
    assert first == sorted(first)  # from behind, up to the view
    assert first[0] < first[-1]


def test_a_policy_without_eyes_is_asked_without_a_render(scene):
    subject, views = asked(Answering(lambda *_: np.zeros((10, 3)), image_size=None), scene)
    assert (subject.meter.renders, len(views.labels)) == (0, 16)


def test_a_privileged_policy_is_not_asked(scene):
    with pytest.raises(NotAvailableError, match="privileged"):
        asked(ExpertPolicy(), scene)
