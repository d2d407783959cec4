"""Laws of the notes on how a data set was read."""

from __future__ import annotations

from dataclasses import replace

from recorded import STATE, FakeSet, Scripted, demonstration

from policies.dataset.demonstration import DatasetNote
from sim.offline.frames.notes import note_recording

EPISODE = demonstration([[0, 0, 0]], size=4)


def names(recording, period_s=0.1, resized=()):
    return [finding.name for finding in note_recording(recording, Scripted(None, period_s).spec, resized)]


def test_a_set_like_ours_has_no_notes():
    assert names(FakeSet(EPISODE)) == []
    assert names(FakeSet(EPISODE, state="from actions")) == []


def test_everything_that_is_given_otherwise_is_noted():
    few = replace(STATE, columns={axis: STATE.columns[axis] for axis in ("vx", "vy", "wz")})
    recording = FakeSet(EPISODE, fps=25.0, axes=("vx", "wz"), state=few, notes=(DatasetNote("edited tasks", "…"),))
    assert names(recording, resized={(480, 640)}) == [
        "edited tasks",
        "missing axes",
        "missing state",
        "resized frames",
        "uneven calls",
    ]
    sentences = [finding.sentence for finding in note_recording(recording, Scripted(None).spec, {(480, 640)})]
    assert "has no vy" in sentences[1]
    assert "has no x, y, yaw" in sentences[2]
    assert "480x640" in sentences[3]
    assert "every 2.5 frames" in sentences[4]
