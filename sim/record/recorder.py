"""An observer that turns episodes into demonstrations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from policies.dataset import Demonstration, FrameCaption, SceneRef, SeenObject
from scenarios.world import World
from sim.record.drivers.dagger import LabellingPolicy
from sim.rollout.episode import Episode, EpisodeState, InferenceTime, Observer, Outcome

MIN_VISIBLE_PIXELS = 40  # of an item; captions don't name smaller ones
NAMED_ROLES = ("target", "obstacle")

Segmentation = tuple[np.ndarray, dict[int, str]]
"""(H, W) integer ids of what each pixel shows, and the item's name of each id."""

Segmenter = Callable[[Sequence[int]], list[Segmentation]]
"""Segments the present images of some slots."""


def seen_objects(ids: np.ndarray, names: dict[int, str], world: World) -> tuple[SeenObject, ...]:
    """Return the visible targets and obstacles, largest first, each with the box around its visible pixels.

    Args:
        ids: (H, W) integer ids of what each pixel shows.
        names: The item's name of each id.
        world: The world of the items.
    """
    height, width = ids.shape
    found = []
    for number, name in names.items():
        item = world.item(name)
        if item.role not in NAMED_ROLES:
            continue
        mask = ids == number
        area = int(mask.sum())
        if area < MIN_VISIBLE_PIXELS:
            continue
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
        box = (float(x0 / width), float(y0 / height), float(x1 / width), float(y1 / height))
        found.append((-area, name, SeenObject(item.label, box)))
    return tuple(seen for _, _, seen in sorted(found, key=lambda entry: entry[:2]))


@dataclass
class _RunningEpisode:
    """An episode that still runs."""

    episode: Episode
    world: World
    pixels: list[np.ndarray] = field(default_factory=list)
    agent_pos: list[np.ndarray] = field(default_factory=list)
    actions: list[np.ndarray] = field(default_factory=list)
    executed: list[np.ndarray] = field(default_factory=list)
    captions: list[FrameCaption] = field(default_factory=list)
    noise_burst: list[bool] = field(default_factory=list)
    clearance_m: list[float] = field(default_factory=list)
    steps: int = 0


class DemonstrationRecorder(Observer):
    """Collects the demonstration and the status of each slot's ended episode in ``demonstrations``.

    Args:
        driver: The policy that drives; its ``labels`` are the actions to imitate.
        source: The driver's name in the data set.
        caption_every: Frames from caption to caption, from the first frame on; 0: no captions.
        segment: Segments the present images of slots.
        hold: Control steps for which each action is held; one frame is kept per action.
    """

    def __init__(
        self, driver: LabellingPolicy, source: str, caption_every: int, segment: Segmenter, hold: int = 1
    ) -> None:
        self.demonstrations: dict[int, tuple[Demonstration | None, str]] = {}
        self._driver = driver
        self._source = source
        self._caption_every = caption_every
        self._segment = segment
        self._hold = hold
        self._open: dict[int, _RunningEpisode] = {}
        self._segmented: dict[int, Segmentation] = {}  # by slot, of the present step

    def started(self, slot: int, episode: Episode, world: World, pixels: np.ndarray, state: EpisodeState) -> None:
        self._open[slot] = _RunningEpisode(episode, world)
        self._add_frame(slot, pixels, state)

    def stepped(
        self, slot: int, action: np.ndarray, pixels: np.ndarray, state: EpisodeState, inference: InferenceTime
    ) -> None:
        kept = self._open[slot]
        if kept.steps % self._hold == 0:
            kept.actions.append(self._driver.labels[slot])
            kept.executed.append(action)
            kept.noise_burst.append(bool(self._driver.noise_burst[slot]))
        kept.steps += 1
        if state.status is None and kept.steps % self._hold == 0:  # no action follows the last observation
            self._add_frame(slot, pixels, state)

    def ended(self, slot: int, outcome: Outcome) -> None:
        kept = self._open.pop(slot)
        steps = len(kept.actions)
        demonstration = None
        if steps:
            demonstration = Demonstration(
                scene=SceneRef(kept.episode.scenario, kept.episode.suite_seed, kept.episode.number),
                instruction=kept.world.instruction,
                success=outcome.status == "success",
                source=self._source,
                pixels=np.stack(kept.pixels[:steps]),
                agent_pos=np.stack(kept.agent_pos[:steps]).astype(np.float32),
                actions=np.stack(kept.actions).astype(np.float32),
                executed=np.stack(kept.executed).astype(np.float32),
                captions=tuple(caption for caption in kept.captions if caption.frame < steps),
                noise_burst=np.array(kept.noise_burst),
                clearance_m=np.array(kept.clearance_m[:steps], np.float32),
            )
        self.demonstrations[slot] = (demonstration, outcome.status)

    def _add_frame(self, slot: int, pixels: np.ndarray, state: EpisodeState) -> None:
        kept = self._open[slot]
        frame = len(kept.pixels)
        kept.pixels.append(pixels.copy())  # a view would keep the frames of all slots in memory
        kept.agent_pos.append(state.agent_pos)
        kept.clearance_m.append(state.clearance_m)
        if self._caption_every and frame % self._caption_every == 0:
            ids, names = self._segmentation(slot, frame)
            kept.captions.append(FrameCaption(frame, seen_objects(ids, names, kept.world)))

    def _segmentation(self, slot: int, frame: int) -> Segmentation:
        """Segment the present image of a slot; at the first request of a step those of all slots, in one go.

        All episodes start together, so their frames have the same number. The first frames are shown one by one.
        """
        if frame == 0:
            return self._segment([slot])[0]
        if slot not in self._segmented:
            self._segmented = dict(zip(self._open, self._segment(list(self._open)), strict=True))
        return self._segmented.pop(slot)
