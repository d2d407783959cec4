"""What in a data set flatters an offline error, or makes it mean less than it seems to: facts with a sentence each.

Near-duplicates of frames are not looked for: a training set that was encoded again, or recorded beside the scored one,
shows only where both say in which scenes they were driven.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from policies.dataset import Demonstration, SceneRef
from policies.dataset.episodes import EpisodeDataset
from scenarios.robot import AXIS_NAMES
from sim.results.offline_score import Finding

ALARM: Literal["alarm"] = "alarm"
NOTE: Literal["note"] = "note"

FIRST_FRAMES_ALARM = 0.5
PREVIOUS_ALARM = 0.9
ZERO_ALARM = 0.9
EQUAL_TOLERANCE = 1e-6  # labels that differ by less are equal
MAX_LABEL = 1.0 + 1e-3
MIN_TEXTS = 4  # episodes, below which a word of its own in each says nothing

_FILE_LIKE = re.compile(
    r"\.(?:h5|hdf5|mp4|avi|parquet|bag|db3|npz|npy|json)\b"  # a file's name
    r"|\b(?:episode|ep|demo|traj|trajectory|rollout|recording|run)[\s_#-]*\d+"  # an episode's number
    r"|\d{8}[_T-]?\d{6}"  # a time stamp
    r"|\d+box_",  # a cell of the published recordings
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TrainingSet:
    """What a policy was trained on: the hashes of its frames, and its scenes."""

    frames: frozenset[bytes]
    scenes: frozenset[SceneRef]

    @classmethod
    def from_recordings(cls, recordings: Iterable[EpisodeDataset]) -> TrainingSet:
        """Decode every frame of these data sets, once."""
        frames: set[bytes] = set()
        scenes: set[SceneRef] = set()
        for recording in recordings:
            for number in range(len(recording)):
                episode = recording.demonstration(number)
                frames.update(map(hash_frame, episode.pixels))
                if episode.scene is not None:
                    scenes.add(episode.scene)
        return cls(frozenset(frames), frozenset(scenes))


def hash_frame(pixels: np.ndarray) -> bytes:
    """A hash of one decoded frame (H, W, 3), its size included: equal pixels, equal hash."""
    digest = hashlib.blake2b(str(pixels.shape).encode(), digest_size=16)
    digest.update(pixels.tobytes())
    return digest.digest()


@dataclass
class ScoredEpisodes:
    """What the checks look at, gathered from the scored episodes as they come by.

    Attributes:
        training: What the policies were trained on; None if that isn't known.
        labels: (t, 3) of each episode.
        instructions: Of each episode.
        scenes: Of each episode, as far as known.
        shared_frame_counts: How many frames of each episode stand in the training data.
    """

    training: TrainingSet | None = None
    labels: list[np.ndarray] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    scenes: list[SceneRef | None] = field(default_factory=list)
    shared_frame_counts: list[int] = field(default_factory=list)

    def add(self, episode: Demonstration) -> None:
        self.labels.append(episode.actions)
        self.instructions.append(episode.instruction)
        self.scenes.append(episode.scene)
        if self.training is not None:
            self.shared_frame_counts.append(sum(hash_frame(frame) in self.training.frames for frame in episode.pixels))

    @property
    def frames(self) -> int:
        return sum(map(len, self.labels))


def check_shared_frames(found: ScoredEpisodes) -> Finding | None:
    if found.training is None or not (count := sum(found.shared_frame_counts)):
        return None
    return Finding(
        "shared frames",
        ALARM,
        count / found.frames,
        f"{_share(count, found.frames, 'scored frame')} also in the training data, pixel for pixel: "
        f"there the error is one on training data",
    )


def check_shared_scenes(found: ScoredEpisodes) -> Finding | None:
    if found.training is None or not (count := sum(scene in found.training.scenes for scene in found.scenes)):
        return None
    return Finding(
        "shared scenes",
        ALARM,
        count / len(found.scenes),
        f"{_share(count, len(found.scenes), 'scored episode')} driven in a scene of the training data: "
        f"the pictures may differ in pixels only",
    )


def check_constant_text(found: ScoredEpisodes) -> Finding | None:
    if len(found.instructions) < 2 or len(set(found.instructions)) > 1:
        return None
    return Finding(
        "constant text",
        ALARM,
        1,
        f"all {len(found.instructions)} episodes have the instruction {found.instructions[0]!r}: "
        f"a policy that ignores its instruction loses nothing here",
    )


def check_leaking_text(found: ScoredEpisodes) -> Finding | None:
    """Text that tells which episode it is: a file's name, a number, or a word of its own in every episode."""
    if like := [text for text in found.instructions if _FILE_LIKE.search(text)]:
        return Finding(
            "leaking text",
            ALARM,
            len(like) / len(found.instructions),
            f"{_share(len(like), len(found.instructions), 'instruction')} like a file or an episode, "
            f"as in {like[0]!r}: labels can be looked up by it, and no robot is told its own recording's name",
        )
    words = [set(text.lower().split()) for text in found.instructions]
    counts = Counter(word for text in words for word in text)
    if len(words) < MIN_TEXTS or not all(any(counts[word] == 1 for word in text) for text in words):
        return None
    return Finding(
        "leaking text",
        ALARM,
        len(words),
        f"each of the {len(words)} instructions has a word that stands in no other, as in {found.instructions[0]!r}: "
        f"the text alone tells which episode it is",
    )


def check_label_range(found: ScoredEpisodes) -> Finding | None:
    widest = max(float(np.abs(labels).max()) for labels in found.labels)
    if widest <= MAX_LABEL:
        return None
    return Finding(
        "label range",
        ALARM,
        widest,
        f"labels reach {widest:.3g}, where 1 is full speed and actions end: "
        f"these are probably in another unit, and no policy can reach them",
    )


def check_zero_labels(found: ScoredEpisodes) -> Finding | None:
    still = [(np.abs(labels) <= EQUAL_TOLERANCE).all(axis=1) for labels in found.labels]
    share = float(np.concatenate(still).mean())
    if share == 0.0:
        return None
    whole = sum(bool(frames.all()) for frames in still)
    whole_too = f", among them {whole} whole episode{'s' * (whole > 1)}" if whole else ""
    return Finding(
        "zero labels",
        ALARM if share >= ZERO_ALARM else NOTE,
        share,
        f"{share:.1%} of the labels are zero{whole_too}: there a robot that never moves has no error",
    )


def check_first_frames(found: ScoredEpisodes) -> Finding:
    share = len(found.labels) / found.frames
    still = sum(bool((np.abs(labels[0]) <= EQUAL_TOLERANCE).all()) for labels in found.labels)
    return Finding(
        "first frames",
        ALARM if share >= FIRST_FRAMES_ALARM else NOTE,
        share,
        f"{share:.1%} of the frames are the first of their episode, and {still} of these {len(found.labels)} have the "
        f"label zero" + (": it can be known without a look" if still else ""),
    )


def check_previous_labels(found: ScoredEpisodes) -> Finding | None:
    changes = [np.abs(np.diff(labels, axis=0)).max(axis=1) for labels in found.labels if len(labels) > 1]
    if not changes:
        return None
    share = float((np.concatenate(changes) <= EQUAL_TOLERANCE).mean())
    return Finding(
        "previous labels",
        ALARM if share >= PREVIOUS_ALARM else NOTE,
        share,
        f"{share:.1%} of the labels equal the one before: what repeating it scores is the baseline 'hold'",
    )


def check_constant_axes(found: ScoredEpisodes) -> Finding | None:
    every = np.concatenate(found.labels)
    dead = [name for name, axis in zip(AXIS_NAMES, every.T, strict=True) if np.ptp(axis) <= EQUAL_TOLERANCE]
    if not dead:
        return None
    return Finding(
        "dead axes",
        NOTE,
        len(dead),
        f"the label of {' and of '.join(dead)} never changes: an error averaged over it is smaller for nothing",
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
    """Return what the checks find, alarms first."""
    findings = [finding for check in CHECKS.values() if (finding := check(found)) is not None]
    return sorted(findings, key=lambda finding: finding.level != ALARM)


def list_skipped_checks(found: ScoredEpisodes) -> list[str]:
    """Return the checks that need the training data, where it was not named."""
    return [] if found.training is not None else list(NEED_TRAINING)


def _share(count: int, total: int, what: str) -> str:
    """So many of so many are…"""
    return f"{count} of {total} {what}{'s' * (total != 1)} ({count / total:.1%}) {'is' if count == 1 else 'are'}"
