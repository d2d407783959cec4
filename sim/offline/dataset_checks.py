"""Checks of a data set for leaks and other properties that make an offline error look better than it is.

Near-duplicates of frames are not detected: a training set that was encoded again, or recorded together with the scored
one, is only found if both name the scenes that they were recorded in.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from policies.dataset import SceneRef
from policies.dataset.demonstration import DemonstrationSignals
from policies.dataset.episodes import EpisodeDataset
from scenarios.robot import AXIS_NAMES
from sim.results.summary.offline_score import Finding

ALARM: Literal["alarm"] = "alarm"
NOTE: Literal["note"] = "note"

FIRST_FRAMES_ALARM = 0.5
PREVIOUS_ALARM = 0.9
ZERO_ALARM = 0.9
EQUAL_TOLERANCE = 1e-6  # labels that differ by less are equal
MAX_LABEL = 1.0 + 1e-3
MIN_TEXTS = 4  # with fewer episodes, a unique word in each is no evidence

_FILE_LIKE = re.compile(
    r"\.(?:h5|hdf5|mp4|avi|parquet|bag|db3|npz|npy|json)\b"  # a file's name
    r"|\b(?:episode|ep|demo|traj|trajectory|rollout|recording|run)[\s_#-]*\d+"  # an episode's number
    r"|\d{8}[_T-]?\d{6}"  # a time stamp
    r"|\d+box_",  # a cell of the published recordings
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TrainingSet:
    """Training data of a policy: the hashes of its frames, and its scenes."""

    frames: frozenset[bytes]
    scenes: frozenset[SceneRef]

    @classmethod
    def from_recordings(cls, recordings: Iterable[EpisodeDataset]) -> TrainingSet:
        """Decode every frame of these data sets, once and one at a time."""
        frames: set[bytes] = set()
        scenes: set[SceneRef] = set()
        for recording in recordings:
            for number in range(len(recording)):
                frames.update(map(hash_frame, recording.frames(number)))
                if (scene := recording.info(number).scene) is not None:
                    scenes.add(scene)
        return cls(frozenset(frames), frozenset(scenes))


def select_axes(actions: np.ndarray, axes: Sequence[str]) -> np.ndarray:
    """Select the columns of actions (t, 3) that belong to these axes."""
    if tuple(axes) == AXIS_NAMES:
        return actions
    return np.ascontiguousarray(actions[:, [AXIS_NAMES.index(axis) for axis in axes]])


def hash_frame(pixels: np.ndarray) -> bytes:
    """Compute a hash of one decoded frame (H, W, 3), size included: equal frames have equal hashes."""
    digest = hashlib.blake2b(str(pixels.shape).encode(), digest_size=16)
    digest.update(pixels.tobytes())
    return digest.digest()


@dataclass
class ScoredEpisodes:
    """Input of the checks, collected from the scored episodes one by one.

    Attributes:
        training: Training data of the policies; None if it isn't known.
        axes: The axes of the labels, of vx, vy and wz those that the data set has.
        labels: (t, axes) of each episode.
        instructions: Instruction of each episode.
        scenes: Scene of each episode, as far as known.
        shared_frame_counts: Number of frames of each episode that the training data contains.
    """

    training: TrainingSet | None = None
    axes: tuple[str, ...] = AXIS_NAMES
    labels: list[np.ndarray] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    scenes: list[SceneRef | None] = field(default_factory=list)
    shared_frame_counts: list[int] = field(default_factory=list)

    def add(self, episode: DemonstrationSignals, frames: Iterable[np.ndarray] = ()) -> None:
        """Collect one episode; its frames are only looked at if the training data is known."""
        self.labels.append(select_axes(episode.actions, self.axes))
        self.instructions.append(episode.instruction)
        self.scenes.append(episode.scene)
        if self.training is not None:
            self.shared_frame_counts.append(sum(hash_frame(frame) in self.training.frames for frame in frames))

    @property
    def frames(self) -> int:
        """Number of frames of all episodes."""
        return sum(map(len, self.labels))


def check_shared_frames(found: ScoredEpisodes) -> Finding | None:
    """Find scored frames that are also in the training data."""
    if found.training is None or not (count := sum(found.shared_frame_counts)):
        return None
    return Finding(
        "shared frames",
        ALARM,
        count / found.frames,
        f"{_share(count, found.frames, 'scored frame')} also in the training data, pixel for pixel: "
        f"their error is a training error",
    )


def check_shared_scenes(found: ScoredEpisodes) -> Finding | None:
    """Find scored episodes in scenes of the training data."""
    if found.training is None or not (count := sum(scene in found.training.scenes for scene in found.scenes)):
        return None
    return Finding(
        "shared scenes",
        ALARM,
        count / len(found.scenes),
        f"{_share(count, len(found.scenes), 'scored episode')} driven in a scene of the training data: "
        f"the images may be nearly identical",
    )


def check_constant_text(found: ScoredEpisodes) -> Finding | None:
    """Find out whether all episodes have the same instruction."""
    if len(found.instructions) < 2 or len(set(found.instructions)) > 1:
        return None
    return Finding(
        "constant text",
        ALARM,
        1,
        f"all {len(found.instructions)} episodes have the instruction {found.instructions[0]!r}: "
        f"the error can't show whether a policy uses its instruction",
    )


def check_leaking_text(found: ScoredEpisodes) -> Finding | None:
    """Find instructions that identify their episode: a file name, a number, or a unique word in every episode."""
    if like := [text for text in found.instructions if _FILE_LIKE.search(text)]:
        return Finding(
            "leaking text",
            ALARM,
            len(like) / len(found.instructions),
            f"{_share(len(like), len(found.instructions), 'instruction')} worded like a file or an episode name, "
            f"for example {like[0]!r}: a policy can look up labels by it, and a deployed robot gets no such text",
        )
    words = [set(text.lower().split()) for text in found.instructions]
    counts = Counter(word for text in words for word in text)
    if len(words) < MIN_TEXTS or not all(any(counts[word] == 1 for word in text) for text in words):
        return None
    return Finding(
        "leaking text",
        ALARM,
        len(words),
        f"each of the {len(words)} instructions contains a word that appears in no other, "
        f"for example {found.instructions[0]!r}: the text alone identifies the episode",
    )


def check_label_range(found: ScoredEpisodes) -> Finding | None:
    """Find labels outside the range of actions."""
    widest = max(float(np.abs(labels).max()) for labels in found.labels)
    if widest <= MAX_LABEL:
        return None
    return Finding(
        "label range",
        ALARM,
        widest,
        f"labels reach {widest:.3g}, but actions end at 1 (full speed): "
        f"the labels are probably in another unit, and no policy can reach them",
    )


def check_zero_labels(found: ScoredEpisodes) -> Finding | None:
    """Measure the share of labels that are zero."""
    still = [(np.abs(labels) <= EQUAL_TOLERANCE).all(axis=1) for labels in found.labels]
    share = float(np.concatenate(still).mean())
    if share == 0.0:
        return None
    whole = sum(bool(frames.all()) for frames in still)
    whole_too = f", including {whole} whole episode{'s' * (whole > 1)}" if whole else ""
    return Finding(
        "zero labels",
        ALARM if share >= ZERO_ALARM else NOTE,
        share,
        f"{share:.1%} of the labels are zero{whole_too}: a robot that never moves has no error on these",
    )


def check_first_frames(found: ScoredEpisodes) -> Finding:
    """Measure the share of frames that are the first of their episode."""
    share = len(found.labels) / found.frames
    still = sum(bool((np.abs(labels[0]) <= EQUAL_TOLERANCE).all()) for labels in found.labels)
    return Finding(
        "first frames",
        ALARM if share >= FIRST_FRAMES_ALARM else NOTE,
        share,
        f"{share:.1%} of the frames are the first of their episode, and {still} of these {len(found.labels)} have the "
        f"label zero" + (": these can be predicted without the frame" if still else ""),
    )


def check_previous_labels(found: ScoredEpisodes) -> Finding | None:
    """Measure the share of labels that equal the previous one."""
    changes = [np.abs(np.diff(labels, axis=0)).max(axis=1) for labels in found.labels if len(labels) > 1]
    if not changes:
        return None
    share = float((np.concatenate(changes) <= EQUAL_TOLERANCE).mean())
    return Finding(
        "previous labels",
        ALARM if share >= PREVIOUS_ALARM else NOTE,
        share,
        f"{share:.1%} of the labels equal the previous one: compare with the baseline 'hold', which repeats it",
    )


def check_constant_axes(found: ScoredEpisodes) -> Finding | None:
    """Find axes whose label never changes."""
    every = np.concatenate(found.labels)
    dead = [name for name, axis in zip(found.axes, every.T, strict=True) if np.ptp(axis) <= EQUAL_TOLERANCE]
    if not dead:
        return None
    return Finding(
        "dead axes",
        NOTE,
        len(dead),
        f"the label of {' and '.join(dead)} never changes: averaging over a constant axis lowers the error",
    )


CHECKS: dict[str, Callable[[ScoredEpisodes], Finding | None]] = {
    "shared frames": check_shared_frames,
    "shared scenes": check_shared_scenes,
    "constant text": check_constant_text,
    "leaking text": check_leaking_text,
    "label range": check_label_range,
    "zero labels": check_zero_labels,
    "first frames": check_first_frames,
    "previous labels": check_previous_labels,
    "dead axes": check_constant_axes,
}
NEED_TRAINING = ("shared frames", "shared scenes")


def run_dataset_checks(found: ScoredEpisodes) -> list[Finding]:
    """Run all checks and return their findings, alarms first."""
    findings = [finding for check in CHECKS.values() if (finding := check(found)) is not None]
    return sorted(findings, key=lambda finding: finding.level != ALARM)


def list_skipped_checks(found: ScoredEpisodes) -> list[str]:
    """Return the names of the checks that need training data, if none was given."""
    return [] if found.training is not None else list(NEED_TRAINING)


def _share(count: int, total: int, what: str) -> str:
    """Format the beginning of a sentence: a count, a total and the share."""
    return f"{count} of {total} {what}{'s' * (total != 1)} ({count / total:.1%}) {'is' if count == 1 else 'are'}"
