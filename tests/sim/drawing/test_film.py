"""Laws of the films of finished episodes."""

import math
from dataclasses import replace
from types import SimpleNamespace

import imageio.v3 as iio
import numpy as np
import pytest
from traces import make_item, make_trace, make_world, poses_of

from envs.simulation.lockstep import Lockstep
from envs.simulation.views import map_view
from scenarios.geometry import Pose2D
from scenarios.lookup import get_scenario
from scenarios.world import Box, Cylinder, MovingItem, PassingSide, Route, Target
from sim.drawing import film
from sim.drawing.film import (
    instrument_readings_at,
    measure_stay,
    overlay_at,
    render_film_frames,
    write_film,
)
from sim.drawing.film_frame import FRAME_SIZE, LONG_LAYOUT, SQUARE_LAYOUT
from sim.drawing.map_overlay import project_floor_points
from sim.drawing.style import BAD, GOAL, MOVER, WRONG_TARGET
from sim.drawing.video import FPS
from sim.evaluate.block import make_row
from sim.metrics.visibility import mover_trajectories
from sim.record.drivers.dagger import ActionDisturbance, DaggerPolicy
from sim.results.plan import Cell
from sim.rollout.episode import Episode, Outcome
from sim.rollout.loop import rollout_episodes
from sim.rollout.trace import TraceObserver

pytestmark = pytest.mark.slow  # renders and encodes films


def row_of(trace, world, outcome):
    return make_row(Cell("expert", world.scenario, "none"), world, outcome, trace, "d")


def few_steps_of(trace, count):
    """The first and the last step of a drive and some between, so that a film of it is drawn quickly."""
    states = np.linspace(0, trace.steps, count + 1).round().astype(int)
    per_state = ("poses", "agent_pos", "snapshots", "clearance_m", "to_goal_m", "progress")
    per_step = ("actions", "policy_ms", "call_ms", "labels")
    kept = {name: getattr(trace, name)[states] for name in per_state}
    return replace(trace, **kept, **{name: getattr(trace, name)[states[:-1]] for name in per_step})


@pytest.fixture(scope="module")
def drive():
    lockstep = Lockstep(1)
    episode, world = Episode("corridor", 1000, 3), get_scenario("corridor").world(1000, 3)
    driver, traces = DaggerPolicy(None, ActionDisturbance()), TraceObserver(lockstep.simulations)
    driver.prepare([episode], [world], 1)
    (outcome,) = rollout_episodes(lockstep, driver, [episode], [world], [traces])
    trace = few_steps_of(traces.traces[0], 5)
    yield SimpleNamespace(lockstep=lockstep, trace=trace, world=world, row=row_of(trace, world, outcome))
    lockstep.close()


def test_a_film_shows_every_step_and_holds_its_ends(drive, tmp_path):
    path = tmp_path / "videos" / "drive.mp4"
    simulation, renderer = drive.lockstep.simulations[0], drive.lockstep.renderer
    write_film(simulation, drive.trace, drive.world, drive.row, path, title="expert", renderer=renderer)
    held = round(film.START_PAUSE_S * FPS) + round(film.END_PAUSE_S * FPS)
    assert iio.improps(path, plugin="pyav").shape == (drive.trace.steps + 1 + held, *reversed(FRAME_SIZE), 3)
    assert [file.name for file in path.parent.iterdir()] == ["drive.mp4"]


def nearest(picture, world, layout, spot, colour):
    """How far from ``colour`` (of 255, in the worst channel) the picture's map comes within 2 pixels of a spot."""
    panel = layout.map
    x, y = project_floor_points(map_view(world, panel.aspect), panel.aspect, np.array([spot]))[0] * [
        panel.width,
        panel.height,
    ]
    x, y = panel.x + round(x), panel.y + round(y)
    return np.abs(picture[y - 2 : y + 3, x - 2 : x + 3].astype(int) - colour).max(axis=2).min()


def test_the_first_and_last_frames_differ_and_the_goal_is_marked_on_the_map(drive):
    simulation, renderer = drive.lockstep.simulations[0], drive.lockstep.renderer
    pictures = list(
        render_film_frames(simulation, drive.trace, drive.world, drive.row, title="expert", renderer=renderer)
    )
    assert (pictures[0] != pictures[-1]).any(axis=2).mean() > 0.1
    goal = drive.world.task.goal
    assert nearest(pictures[0], drive.world, LONG_LAYOUT, (goal.pose.x + goal.radius_m, goal.pose.y), GOAL) < 60


def moving_world():
    """The ball comes 1 m nearer and somebody walks across, behind a line to be crossed on the left."""
    ball = MovingItem("ball", Route(((6.0, 0.0), (5.0, 0.0)), 0.5))
    walker = MovingItem("walker", Route(((3.0, 3.0), (3.0, -3.0)), 1.0))
    person = make_item("walker", Cylinder(0.25, 1.7), 3.0, 3.0)
    side = PassingSide("left", ((1.0, 0.5), (1.0, 3.0)), ((1.0, -0.5), (1.0, -3.0)))
    return make_world(person, movers=(ball, walker), side=side, hold_s=1.0)


def test_the_map_shows_movers_and_the_goal_where_they_are_and_the_asked_side_green_the_other_red(drive):
    simulation, renderer, world = drive.lockstep.simulations[0], drive.lockstep.renderer, moving_world()
    simulation.reset(world)
    still = simulation.snapshot()
    trace = make_trace(np.zeros((3, 3)), snapshots=np.tile(still, (3, 1)), progress=np.array([[0, 0], [0, 0], [1, 2]]))
    row = row_of(trace, world, Outcome("timeout", 2))
    picture = list(render_film_frames(simulation, trace, world, row, title="", renderer=renderer))[-1]
    assert nearest(picture, world, SQUARE_LAYOUT, (1.0, 2.0), GOAL) < 40
    assert nearest(picture, world, SQUARE_LAYOUT, (1.0, -2.0), WRONG_TARGET) < 40
    assert nearest(picture, world, SQUARE_LAYOUT, (3.0, 1.25), MOVER) < 60
    assert nearest(picture, world, SQUARE_LAYOUT, (5.5, 0.0), GOAL) < 60
    assert nearest(picture, world, SQUARE_LAYOUT, (6.5, 0.0), GOAL) > 60  # where it was
    on_trail, beside_it = (nearest(picture, world, SQUARE_LAYOUT, (5.75, y), GOAL) for y in (0.0, 0.5))
    assert on_trail < beside_it - 50
    overlay = overlay_at(trace, world, 2, mover_trajectories(world, trace.progress))
    assert overlay.goal == ((5.0, 0.0), 0.5)
    assert overlay.trail.tolist() == [[6.0, 0.0], [6.0, 0.0], [5.0, 0.0]]
    assert overlay.movers == (((3.0, 1.0), 0.25),)


def test_holding_counts_as_the_task_does_and_shows_until_it_is_done():
    world = replace(make_world(hold_s=1.0), movers=())
    trace = make_trace(
        poses_of(x=lambda t: np.select([t < 0.95, t < 1.15, t < 1.35], [6.0, 0.0, 6.4], 6.0), seconds=2.0)
    )
    held = [measure_stay(trace, world, step)[0] for step in (0, 4, 9, 10, 11, 12, 13, 20)]
    assert held == pytest.approx([0.1, 0.5, 1.0, 0.0, 0.0, 0.1, 0.2, 0.9])
    row = row_of(trace, world, Outcome("timeout", 20))
    badges = [instrument_readings_at(trace, world, row, step, "").badge[0] for step in (4, 10, 13)]
    assert badges == ["holding 0.5 of 1.0 s", "driving", "holding 0.2 of 1.0 s"]


def test_following_shows_how_far_the_goal_went_meanwhile():
    world = make_world(movers=(MovingItem("ball", Route(((6.0, 0.0), (9.0, 0.0)), 0.5)),), hold_m=1.0)
    poses = poses_of(x=lambda t: 6.0 + 0.5 * t, seconds=2.0)
    progress = 0.05 * np.arange(21)[:, None]
    trace = make_trace(poses, progress=progress)
    row = row_of(trace, world, Outcome("timeout", 20))
    badges = [instrument_readings_at(trace, world, row, step, "").badge[0] for step in (0, 8)]
    assert badges == ["following 0.0 of 1.0 m", "following 0.4 of 1.0 m"]
    away = replace(trace, poses=np.where(np.arange(21)[:, None] == 6, 99.0, trace.poses))
    assert measure_stay(away, world, 9) == pytest.approx((0.3, 0.1))


def test_the_verdict_says_what_was_hit(drive):
    hit = replace(drive.trace, touched="box-0")
    row = row_of(hit, drive.world, Outcome("collision", hit.steps))
    readings = instrument_readings_at(hit, drive.world, row, hit.steps, "")
    assert drive.world.item("box-0").label in readings.verdict[0]
    assert readings.badge[0] == "collision"
    assert instrument_readings_at(hit, drive.world, row, 0, "").verdict == ()


@pytest.mark.parametrize(
    ("poses", "outcome", "badge", "words"),
    [
        (poses_of(yaw=math.pi), Outcome("timeout", 300), "lost", "Lost: timeout after 30.0 s"),
        (poses_of(), Outcome("timeout", 300), "timeout", "Timeout after 30.0 s"),
        (
            poses_of(y=1.9, seconds=1),
            Outcome("wrong-target", 10),
            "wrong-target",
            "Wrong target, the blue cup after 1.0 s",
        ),
        (poses_of(seconds=1), Outcome("wrong-side", 10), "wrong-side", "Wrong side (“left” was required) after 1.0 s"),
        (poses_of(seconds=1), Outcome("policy-fault", 10, "NaN"), "policy-fault", "Policy fault: NaN after 1.0 s"),
    ],
)
def test_badge_and_verdict_name_the_failure_kind_and_what_it_is_about(poses, outcome, badge, words):
    others = (Target("cone", "green cone", Pose2D(0.0, -2.0), 0.5), Target("cup", "blue cup", Pose2D(0.0, 2.0), 0.5))
    world = make_world(make_item("cup", Box((0.2, 0.2, 0.3)), 0.0, 2.0), others=others, side=moving_world().task.side)
    trace = make_trace(poses)
    readings = instrument_readings_at(trace, world, row_of(trace, world, outcome), outcome.steps, "")
    assert readings.badge == (badge, BAD)
    assert readings.verdict[0] == words
