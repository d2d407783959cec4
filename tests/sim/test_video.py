from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image

from envs.lockstep import Lockstep
from envs.views import map_view
from scenarios.errors import InputError
from scenarios.registry import get_scenario
from sim import video
from sim.driver import Disturbance, Driver
from sim.observers import TraceObserver
from sim.picture import GOAL, LONG, SIZE, SQUARE, layout_for, project
from sim.rollout import Episode, Outcome, rollout
from sim.video import animated_picture, film, frames, readings_at, write_mp4


@pytest.fixture(scope="module")
def drive():
    lockstep = Lockstep(1)
    episode, world = Episode("corridor", 1000, 3), get_scenario("corridor").world(1000, 3)
    driver, traces = Driver(None, Disturbance()), TraceObserver(lockstep.simulations)
    driver.prepare([episode], [world], 1)
    (outcome,) = rollout(lockstep, driver, [episode], [world], [traces])
    yield SimpleNamespace(lockstep=lockstep, trace=traces.traces[0], world=world, outcome=outcome)
    lockstep.close()


def test_a_film_shows_every_step_and_holds_its_ends(drive, tmp_path):
    path = tmp_path / "videos" / "drive.mp4"
    simulation, renderer = drive.lockstep.simulations[0], drive.lockstep.renderer
    film(simulation, drive.trace, drive.world, drive.outcome, path, title="expert", renderer=renderer)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == SIZE
        assert stream.codec_context.pix_fmt == "yuv420p"
        count = sum(1 for _ in container.decode(video=0))
    held = round(video.STILL_START_S * video.FPS) + round(video.STILL_END_S * video.FPS)
    assert count == drive.trace.steps + 1 + held
    assert [file.name for file in path.parent.iterdir()] == ["drive.mp4"]


def test_the_first_and_last_frames_differ_and_the_goal_is_marked_on_the_map(drive):
    simulation, renderer = drive.lockstep.simulations[0], drive.lockstep.renderer
    pictures = list(frames(simulation, drive.trace, drive.world, drive.outcome, title="expert", renderer=renderer))
    assert (pictures[0] != pictures[-1]).any(axis=2).mean() > 0.1
    goal = drive.world.task.goal
    rim = np.array([[goal.pose.x + goal.radius_m, goal.pose.y]])
    panel = LONG.map
    x, y = project(map_view(drive.world, panel.aspect), panel.aspect, rim)[0] * [panel.width, panel.height]
    around = pictures[0][
        panel.y + round(y) - 2 : panel.y + round(y) + 3, panel.x + round(x) - 2 : panel.x + round(x) + 3
    ]
    assert np.abs(around.astype(int) - GOAL).max(axis=2).min() < 60


def test_the_verdict_says_what_was_hit(drive):
    from dataclasses import replace

    hit = replace(drive.trace, touched="box-0")
    readings = readings_at(hit, drive.world, Outcome("collision", hit.steps), hit.steps, "")
    assert drive.world.item("box-0").label in readings.verdict[0]
    assert readings.badge[0] == "collision"
    assert readings_at(hit, drive.world, Outcome("collision", hit.steps), 0, "").verdict == ()


def test_the_middle_of_the_map_projects_to_the_middle_of_its_picture():
    world = get_scenario("corridor").world(1, 0)
    x_min, y_min, x_max, y_max = world.bounds_m
    middle = np.array([[(x_min + x_max) / 2, (y_min + y_max) / 2], [x_max, y_max]])
    placed = project(map_view(world, 2.0), 2.0, middle)
    assert placed[0] == pytest.approx([0.5, 0.5])
    assert placed[1, 0] > 0.5 > placed[1, 1]


def test_long_and_square_worlds_have_layouts_of_their_own_inside_the_picture():
    assert layout_for((0, -1.5, 9, 1.5)) is LONG
    assert layout_for((0, 0, 6, 6)) is SQUARE
    for layout in (LONG, SQUARE):
        for panel in (layout.scene, layout.camera, layout.map, layout.instruments):
            assert panel.corners[2] <= SIZE[0]
            assert panel.corners[3] <= SIZE[1]


def counting(number):
    for value in range(number):
        yield np.full((32, 64, 3), 8 * value, np.uint8)


def test_a_film_that_breaks_leaves_no_file(tmp_path):
    def breaking():
        yield from counting(2)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        write_mp4(breaking(), tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_an_animated_picture_keeps_the_speed_and_every_nth_frame(tmp_path, suffix):
    clip = write_mp4(counting(12), tmp_path / "a.mp4")
    path = animated_picture([clip, clip], tmp_path / f"a.{suffix}", width=32, every=3)
    with Image.open(path) as picture:
        assert picture.size == (32, 16)
        assert picture.n_frames == 8
        picture.seek(1)
        picture.load()
        assert picture.info["duration"] == 300


def test_an_animated_picture_of_another_kind_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.gif"):
        animated_picture([], tmp_path / "a.png")
