from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dataset.captions import CaptionFile, format_caption_line, parse_captions
from policies.dataset.demonstration import FrameCaption, SeenObject
from scenarios.common.errors import InputError

floats = st.floats(allow_nan=False, allow_infinity=False)
objects = st.builds(SeenObject, st.text(), st.tuples(floats, floats, floats, floats))
captions = st.lists(
    st.builds(FrameCaption, st.integers(0, 10**6), st.lists(objects, max_size=3).map(tuple)), max_size=3
)

BALL = FrameCaption(2, (SeenObject("red ball", (0.1, 0.2, 1 / 3, 1.0)),))
CONE = FrameCaption(0, (SeenObject("blue cone", (0.0, 0.0, 0.5, 0.5)),))


@settings(deadline=None)
@given(st.integers(0, 10**6), captions)
def test_what_was_formatted_is_parsed_bit_for_bit(episode: int, given_ones: list[FrameCaption]) -> None:
    line = format_caption_line(episode, given_ones)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert json.loads(line)["episode"] == episode
    assert parse_captions(line) == tuple(given_ones)


def test_a_box_that_is_not_finite_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        format_caption_line(0, [FrameCaption(0, (SeenObject("ball", (float("nan"), 0.0, 1.0, 1.0)),))])


def test_each_episode_finds_its_own_captions_in_any_order_of_lines(tmp_path: Path) -> None:
    path = tmp_path / "captions.jsonl"
    path.write_text(format_caption_line(5, [BALL]) + format_caption_line(1, [CONE]), encoding="utf-8")
    file = CaptionFile(path)
    assert [file.for_episode(episode) for episode in (1, 5, 2)] == [(CONE,), (BALL,), ()]


def test_a_missing_file_has_no_captions(tmp_path: Path) -> None:
    assert CaptionFile(tmp_path / "none.jsonl").for_episode(0) == ()


@pytest.mark.parametrize("line", ["{}", "[]", "{", '{"episode": "first"}'])
def test_a_line_without_an_episode_is_refused_when_the_file_is_opened(tmp_path: Path, line: str) -> None:
    path = tmp_path / "captions.jsonl"
    path.write_text(format_caption_line(0, [BALL]) + line + "\n")
    with pytest.raises(InputError, match="expected one JSON object with 'episode' per line"):
        CaptionFile(path)


@pytest.mark.parametrize("frames", ['[{"frame": 0}]', '[{"frame": 0, "objects": [{"phrase": "x", "box": [0, 1]}]}]'])
def test_damage_inside_an_episodes_captions_is_told_when_they_are_read(tmp_path: Path, frames: str) -> None:
    path = tmp_path / "captions.jsonl"
    path.write_text(f'{{"episode": 3, "frames": {frames}}}\n' + format_caption_line(0, [BALL]))
    file = CaptionFile(path)
    assert file.for_episode(0) == (BALL,)
    with pytest.raises(InputError, match="captions of episode 3"):
        file.for_episode(3)
