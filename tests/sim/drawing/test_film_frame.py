"""Laws of one frame of a film: each panel shows what it is given."""

from dataclasses import replace

import numpy as np
import pytest

from scenarios.geometry import Bounds
from sim.drawing.film_frame import (
    FRAME_SIZE,
    HEADER_HEIGHT,
    LONG_LAYOUT,
    SQUARE_LAYOUT,
    FrameCanvas,
    InstrumentReadings,
    PanelImages,
    layout_for,
)
from sim.drawing.style import BACKGROUND, GOOD, RUNNING, Rect

READINGS = InstrumentReadings(
    title="expert",
    instruction="go to the red ball",
    badge=("driving", RUNNING),
    time_s=1.0,
    to_goal_m=3.0,
    clearance_m=0.5,
    action=np.array([0.5, 0.0, 0.0]),
    label=np.array([0.5, 0.0, 0.0]),
)


def panels(layout, camera=60):
    """Images of one colour each: the scene's 20, the camera's as given, the map's 90."""
    return PanelImages(
        np.full((layout.scene.height, layout.scene.width, 3), 20, np.uint8),
        np.full((224, 224, 3), camera, np.uint8),
        np.full((layout.map.height, layout.map.width, 3), 90, np.uint8),
    )


def compose(layout=LONG_LAYOUT, readings=READINGS, camera=60):
    """The first frame of a canvas."""
    return FrameCanvas(layout).draw(panels(layout, camera), readings)


def inside(picture, panel):
    return picture[panel.y : panel.y + panel.height, panel.x : panel.x + panel.width]


def differing(one, other, panel):
    """How many pixels of a panel, and how many outside it, differ."""
    different = (one != other).any(axis=2)
    return inside(different, panel).sum(), different.sum() - inside(different, panel).sum()


def test_long_and_square_worlds_have_layouts_of_their_own_inside_the_picture():
    assert layout_for(Bounds(0, -1.5, 9, 1.5)) is LONG_LAYOUT
    assert layout_for(Bounds(0, 0, 6, 6)) is SQUARE_LAYOUT
    for layout in (LONG_LAYOUT, SQUARE_LAYOUT):
        for panel in (layout.scene, layout.camera, layout.map, layout.instruments):
            assert panel.corners[2] <= FRAME_SIZE[0]
            assert panel.corners[3] <= FRAME_SIZE[1]


@pytest.mark.parametrize("layout", [LONG_LAYOUT, SQUARE_LAYOUT])
def test_each_panel_shows_its_image(layout):
    picture = compose(layout)
    assert picture.shape == (*reversed(FRAME_SIZE), 3)
    assert picture.dtype == np.uint8
    assert (inside(picture, layout.scene) == 20).all()
    assert (inside(picture, layout.camera) == 60).all(axis=2).mean() > 0.8  # below its caption
    assert (inside(picture, layout.map) == 90).all()
    assert picture[0, 0].tolist() == list(BACKGROUND)


@pytest.mark.parametrize("layout", [LONG_LAYOUT, SQUARE_LAYOUT])
@pytest.mark.parametrize("change", [{"time_s": 2.0}, {"to_goal_m": 1.5}, {"clearance_m": 0.1}])
def test_figures_are_in_the_instruments_alone(layout, change):
    within, outside = differing(compose(layout), compose(layout, replace(READINGS, **change)), layout.instruments)
    assert within > 10
    assert outside == 0


@pytest.mark.parametrize("name", ["action", "label"])
def test_the_action_and_the_expert_s_are_bars_where_there_is_room(name):
    other = replace(READINGS, **{name: np.array([-0.5, 0.8, 0.3])})
    for layout, shown in ((LONG_LAYOUT, True), (SQUARE_LAYOUT, False)):
        within, outside = differing(compose(layout), compose(layout, other), layout.instruments)
        assert (within > 10) == shown
        assert outside == 0


def test_a_verdict_covers_the_top_of_the_scene_in_the_colour_of_the_badge():
    readings = replace(READINGS, badge=("success", GOOD), verdict=("Success after 8.0 s", "SPL 0.98"))
    scene = inside(compose(readings=readings), LONG_LAYOUT.scene)
    assert scene[5, 2].tolist() == list(GOOD)
    assert (scene[:20] != 20).any()
    assert (scene[150:] == 20).all()


@pytest.mark.parametrize(
    "change", [{"instruction": "go to the blue box"}, {"title": "zero"}, {"badge": ("collision", RUNNING)}]
)
def test_the_header_says_what_is_driven(change):
    one, other = compose(), compose(readings=replace(READINGS, **change))
    assert (one[:HEADER_HEIGHT] != other[:HEADER_HEIGHT]).any()
    assert (one[HEADER_HEIGHT:] == other[HEADER_HEIGHT:]).all()


@pytest.mark.parametrize("layout", [LONG_LAYOUT, SQUARE_LAYOUT])
def test_a_frame_does_not_depend_on_those_drawn_before_it_nor_change_with_those_after_it(layout):
    canvas = FrameCanvas(layout)
    last = replace(
        READINGS, time_s=12.5, action=np.array([-1.0, 1.0, -0.3]), badge=("success", GOOD), verdict=("Success", "SPL 1")
    )
    frames = [canvas.draw(panels(layout, 200), readings) for readings in (last, READINGS, last)]
    assert np.array_equal(frames[0], compose(layout, last, 200))
    assert np.array_equal(frames[1], compose(layout, READINGS, 200))
    assert np.array_equal(frames[2], frames[0])


@pytest.mark.parametrize("layout", [LONG_LAYOUT, SQUARE_LAYOUT])
def test_the_panels_do_not_overlap(layout):
    header = Rect(0, 0, FRAME_SIZE[0], HEADER_HEIGHT)
    counts = np.zeros((FRAME_SIZE[1], FRAME_SIZE[0]), int)
    for panel in (header, layout.scene, layout.camera, layout.map, layout.instruments):
        inside(counts, panel)[:] += 1
    assert counts.max() == 1
