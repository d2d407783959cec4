"""What a policy was given otherwise than a robot would give it: notes beside the figures of a score."""

from __future__ import annotations

from collections.abc import Collection

from policies.dataset.clock import frames_per_period
from policies.dataset.episodes import EpisodeDataset
from policies.dataset.mapping.mapping import FROM_ACTIONS, NO_STATE, STATE_AXES
from policies.policy import PolicySpec
from scenarios.robot import AXIS_NAMES
from sim.results.summary.offline_score import Finding


def note_recording(
    recording: EpisodeDataset, spec: PolicySpec, resized_from: Collection[tuple[int, int]]
) -> list[Finding]:
    """Note what the data set lacks, and how its frames were fitted to the policy.

    Args:
        recording: The data set.
        spec: The policy's spec.
        resized_from: (height, width) of the frames that were resized for it.
    """
    found = [Finding(note.name, "note", 1.0, note.sentence) for note in recording.notes]
    found += _note_axes(recording)
    found += _note_state(recording)
    if resized_from and spec.image_size is not None:
        sizes = " and ".join(f"{height}x{width}" for height, width in sorted(resized_from))
        wanted = f"{spec.image_size[0]}x{spec.image_size[1]}"
        sentence = f"frames of {sizes} pixels were resized to {wanted}, by area where they shrink: nothing is cropped"
        found.append(Finding("resized frames", "note", float(len(resized_from)), sentence))
    each = frames_per_period(spec.period_s, recording.fps)
    if each != round(each):
        sentence = (
            f"a policy that acts every {spec.period_s:g} s acted every {each:.4g} frames: it saw the latest frame at "
            "its time, and each action was held until the next"
        )
        found.append(Finding("uneven calls", "note", each, sentence))
    return found


def _note_axes(recording: EpisodeDataset) -> list[Finding]:
    missing = [axis for axis in AXIS_NAMES if axis not in recording.mapping.axes]
    if not missing:
        return []
    sentence = (
        f"the data set has no {' and no '.join(missing)}: every error here is over "
        f"{' and '.join(recording.mapping.axes)} alone, and what a policy does besides doesn't count"
    )
    return [Finding("missing axes", "note", float(len(missing)), sentence)]


def _note_state(recording: EpisodeDataset) -> list[Finding]:
    state = recording.mapping.state
    if state == FROM_ACTIONS:
        return []
    if isinstance(state, str):
        sentence = "the data set has no state: policies got zeros for velocity and odometry"
        return [Finding("missing state", "note", float(len(STATE_AXES)), sentence)] if state == NO_STATE else []
    missing = [axis for axis in STATE_AXES if axis not in state.columns]
    if not missing:
        return []
    sentence = f"the data set's state has no {', '.join(missing)}: policies got zeros for these"
    return [Finding("missing state", "note", float(len(missing)), sentence)]
