"""Comparison of recorded first frames with what the simulator renders at the start of the same scenes.

Policies don't depend on a simulation: the installed distribution names a renderer of starts as an entry point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from typing import NamedTuple, Protocol

import numpy as np

from policies.check.conformance.pictures import PictureDifference, compare_pictures
from policies.check.findings import MATCH, MISMATCH, UNDECLARED, Conformity
from policies.dataset import SceneRef
from scenarios.common.errors import InputError
from scenarios.robot import CAMERA_FOV_DEG

ENTRY_POINT_GROUP, ENTRY_POINT = "mobile_vla_sim.checks", "render_starts"
REINSTALL = "reinstall this project with 'pip install -e .' in its folder"

ITEMS = (
    "start frame",
    "orientation",
    "channel order",
    "field of view",
    "aspect ratio",
    "position",
    "brightness",
    "sharpness",
)
ALIKE = 0.8  # likeness below which pictures show something else, and nothing about the camera can be told
FOV_TOLERANCE_DEG = 2.0
STRETCH_TOLERANCE = 0.03
SHIFT_TOLERANCE_PX = 1.5
GAIN_TOLERANCE, OFFSET_TOLERANCE = 0.05, 5.0  # as a factor; in levels of 255
LEAST_SHARPNESS = 0.5  # video compression leaves more than this of the fine contrast


class RecordedStart(NamedTuple):
    """The start of a recorded episode."""

    scene: SceneRef | None
    """None if the data set doesn't name it."""
    frame: np.ndarray
    """(H, W, 3) uint8, RGB."""


class StartRenderer(Protocol):
    """A callable that renders what the robot sees at the start of scenes."""

    def __call__(self, scenes: Sequence[SceneRef], image_size: tuple[int, int]) -> list[np.ndarray]:
        """Return (H, W, 3) uint8 frames, RGB.

        Raises:
            InputError: A scene can't be rebuilt, or no renderer is available.
        """
        ...


def find_renderer() -> StartRenderer | None:
    """Load the renderer that the installed distribution names; None if it names none.

    Raises:
        InputError: It can't be loaded.
    """
    for found in entry_points(group=ENTRY_POINT_GROUP, name=ENTRY_POINT):
        try:
            renderer: StartRenderer = found.load()
        except (ImportError, AttributeError, SyntaxError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"cannot load the renderer of starts '{found.value}': {reason}; {REINSTALL}") from error
        return renderer
    return None


def compare_starts(starts: Sequence[RecordedStart], render: StartRenderer | None) -> list[Conformity]:
    """Compare recorded first frames with rendered ones, those of the first frame's size.

    Args:
        starts: The recorded starts.
        render: Renders the starts; None if nothing can.
    """
    size = starts[0].frame.shape[:2]
    named = [
        (start.scene, start.frame) for start in starts if start.scene is not None and start.frame.shape[:2] == size
    ]
    if not named:
        return _leave_open("the data set doesn't name the scenes that it was recorded in")
    if render is None:
        return _leave_open(f"no renderer of starts is installed (entry point '{ENTRY_POINT_GROUP}'): {REINSTALL}")
    scenes, stored = zip(*named, strict=True)
    try:
        live = render(scenes, size)
    except InputError as error:
        return _leave_open(f"the recorded starts can't be rebuilt: {error}")
    return judge_difference(compare_pictures(live, stored), len(stored))


def judge_difference(found: PictureDifference, starts: int) -> list[Conformity]:
    """Say what differs between rendered and stored first frames of some starts."""
    counted = f"{starts} start{'s' * (starts != 1)}"
    after = f"likeness {found.likeness:.3f} over {counted}, {found.levels:.1f} levels of 255 apart"
    if found.likeness < ALIKE:
        other = Conformity(
            "start frame",
            "rendered",
            "stored",
            MISMATCH,
            f"the pictures show something else: {after}, whatever is tried",
        )
        return [other, *_leave_open("the pictures are too different to tell")[1:]]
    judges = (_judge_orientation, _judge_colours, _judge_field_of_view, _judge_aspect_ratio, _judge_position)
    judged = [judge(found) for judge in (*judges, _judge_brightness, _judge_sharpness)]
    wrong = [each.item for each in judged if each.verdict == MISMATCH]
    evidence = f"{after}{f' once {_join(wrong)} are set right' if wrong else ''}"
    return [Conformity("start frame", "rendered", "stored", MISMATCH if wrong else MATCH, evidence), *judged]


def _judge_orientation(found: PictureDifference) -> Conformity:
    said = {
        (False, False): "upright",
        (True, False): "mirrored",
        (False, True): "upside down",
        (True, True): "turned by half",
    }[found.geometry.mirrored, found.geometry.upside_down]
    return Conformity("orientation", "upright", said, MATCH if said == "upright" else MISMATCH)


def _judge_colours(found: PictureDifference) -> Conformity:
    stored = "BGR" if found.swapped_colours else "RGB"
    return Conformity("channel order", "RGB", stored, MISMATCH if found.swapped_colours else MATCH)


def _judge_field_of_view(found: PictureDifference) -> Conformity:
    half = math.tan(math.radians(CAMERA_FOV_DEG) / 2.0) / found.geometry.zoom
    stored_deg = 2.0 * math.degrees(math.atan(half))
    same = abs(stored_deg - CAMERA_FOV_DEG) <= FOV_TOLERANCE_DEG
    return Conformity(
        "field of view",
        f"{CAMERA_FOV_DEG:.0f}°",
        f"{stored_deg:.0f}°",
        MATCH if same else MISMATCH,
        f"everything is {found.geometry.zoom:.2f} times as large; vertical, or a crop",
    )


def _judge_aspect_ratio(found: PictureDifference) -> Conformity:
    stretch = found.geometry.stretch
    same = abs(stretch - 1.0) <= STRETCH_TOLERANCE
    said = f"stretched {stretch:.2f} times" if stretch > 1.0 else f"squeezed {1.0 / stretch:.2f} times"
    evidence = "" if same else "horizontally; resized without keeping the aspect ratio"
    return Conformity("aspect ratio", "kept", "kept" if same else said, MATCH if same else MISMATCH, evidence)


def _judge_position(found: PictureDifference) -> Conformity:
    down, right = found.geometry.down_px, found.geometry.right_px
    same = math.hypot(down, right) <= SHIFT_TOLERANCE_PX
    across, along = "right" if right > 0 else "left", "down" if down > 0 else "up"
    said = f"shifted {abs(right):.0f} px {across}, {abs(down):.0f} px {along}"
    evidence = "" if same else "a tilted or turned camera looks much the same"
    return Conformity("position", "not shifted", "not shifted" if same else said, MATCH if same else MISMATCH, evidence)


def _judge_brightness(found: PictureDifference) -> Conformity:
    same = abs(found.gain - 1.0) <= GAIN_TOLERANCE and abs(found.offset) <= OFFSET_TOLERANCE
    said = f"{found.gain:.2f} times" + (f" {found.offset:+.0f} levels" if abs(found.offset) > OFFSET_TOLERANCE else "")
    return Conformity("brightness", "1.00 times", said, MATCH if same else MISMATCH)


def _judge_sharpness(found: PictureDifference) -> Conformity:
    same = found.sharpness >= LEAST_SHARPNESS
    evidence = f"{found.sharpness:.0%} of the fine contrast is left" + ("" if same else ": blurred or enlarged")
    return Conformity("sharpness", "sharp", "sharp" if same else "blurred", MATCH if same else MISMATCH, evidence)


def _leave_open(reason: str) -> list[Conformity]:
    start = Conformity(ITEMS[0], "rendered", "", UNDECLARED, reason)
    return [replace(start, item=item, live="-" if item != ITEMS[0] else start.live) for item in ITEMS]


def _join(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
