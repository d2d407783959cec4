"""Items that were seen, each with its place, kind and colour over time, and its velocity if it may move."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from policies.reference.driving.floor_map import Eye
from policies.reference.driving.motion import Motion, measure_covariance
from policies.reference.panorama import RAYS, SIDE_RAD
from policies.reference.sighting import SeenItem, Sighting, shows_obstacle
from policies.reference.vocabulary import COLOURS, KINDS, STANDING, Asked

SPREAD_M, SPREAD_SHARE = 0.03, 0.05  # standard deviation of a place: and by the distance
CUT_FACTOR = 2.0  # on it, for an item that is cut by the edge of the picture
MOST_WEIGHT = 4000.0  # of a place, so that it goes on learning
PREDICTED_S = 2.5  # for which a velocity is believed
KEPT, FULL_WEIGHT = 0.98, 50.0  # share of the evidence for kind and colour that is kept, weight of a full vote
SEEN_CLEARLY_M = 1.5  # nearer, its kind can be told
REACH_M, REACH_SHARE, MOVER_REACH_M = 0.30, 0.14, 0.15  # between a track and an item that continues it
AGREES, NEAR_M = 0.02, 0.30  # an item of another kind or colour continues only a track that is very near
SEEN_WITHIN_M, IN_FRONT_M = (0.3, 5.0), 0.1  # where a track should be seen, if nothing stands before it
MISSES, MOVER_MISSES = 6, 4  # sightings without it that end a track
LASTING = 40  # a track seen as often doesn't end
FORGOTTEN_S, FOLLOWED_S, UNSURE_S = 2.0, 6.0, 1.0


@dataclass
class Track:
    """One item.

    Attributes:
        xy: (2,) its place when it was seen last, m.
        kinds, colours: Evidence for each kind and colour, as logarithms.
        seen_s: When it was seen last.
        weight: Of its place.
        motion: Of a kind that may move; None of one that can't.
        velocity: (2,) m/s.
        count: How often it was seen.
        misses: How often in a row it wasn't, though it should have been.
        inspected: Whether it was seen from near enough to tell what it is, or can't be driven nearer to.
    """

    xy: np.ndarray
    kinds: np.ndarray
    colours: np.ndarray
    seen_s: float
    weight: float
    motion: Motion | None = None
    velocity: np.ndarray = field(default_factory=lambda: np.zeros(2))
    count: int = 1
    misses: int = 0
    inspected: bool = False

    def locate(self, now_s: float) -> np.ndarray:
        """Return where it should be now, (2,)."""
        return self.xy + self.velocity * min(now_s - self.seen_s, PREDICTED_S)

    @property
    def moves(self) -> bool:
        """Whether it is of a kind that may move."""
        return self.motion is not None

    @property
    def stands(self) -> bool:
        """Whether it doesn't move, as far as is known."""
        return not self.velocity.any()

    @property
    def is_target(self) -> bool:
        """Whether it is more likely a target of a kind that stands than one that may move."""
        return bool(_shares(self.kinds)[: len(STANDING)].sum() > 0.5)

    def match(self, asked: Asked) -> float:
        """Return how likely it is what was asked for."""
        if asked.kind is None:
            return 0.0
        return float(_shares(self.kinds)[KINDS.index(asked.kind)]) * self.match_colour(asked)

    def match_colour(self, asked: Asked) -> float:
        """Return how likely its colour is the one that was asked for; 1 if none was."""
        return 1.0 if asked.colour is None else float(_shares(self.colours)[COLOURS.index(asked.colour)])

    def add(self, xy: np.ndarray, spread_m: float, covariance: np.ndarray, item: SeenItem, now_s: float) -> None:
        """Add what was seen of it."""
        weight = 1.0 / spread_m**2
        if self.motion is not None:
            self.motion.update(xy, covariance, now_s - self.seen_s)
            self.xy, self.velocity = self.motion.xy, self.motion.velocity
        else:
            self.xy = (self.weight * self.xy + weight * xy) / (self.weight + weight)
            self.weight = min(self.weight + weight, MOST_WEIGHT)
        vote = min(1.0, weight / FULL_WEIGHT)
        self.kinds = KEPT * self.kinds + vote * item.kinds
        self.colours = KEPT * self.colours + vote * item.colours
        self.seen_s, self.count, self.misses = now_s, self.count + 1, 0


class Tracks:
    """All items that are known.

    Args:
        follows: Whether what was asked for may move: then movers are remembered longer.
    """

    def __init__(self, follows: bool) -> None:
        self.known: list[Track] = []
        self._follows = follows

    def update(self, eye: Eye, sighting: Sighting, now_s: float) -> None:
        """Add a sighting."""
        continued: set[int] = set()
        for item in sighting.items:
            angle = eye.yaw + item.bearing_rad
            xy = eye.xy + item.range_m * np.array([math.cos(angle), math.sin(angle)])
            factor = CUT_FACTOR if item.is_cut else 1.0
            spread = factor * (SPREAD_M + SPREAD_SHARE * item.range_m)
            covariance = factor**2 * measure_covariance(item.range_m, angle)
            free = (track for track in self.known if id(track) not in continued)
            track = _find_track(free, xy, item, now_s)
            if track is None:
                motion = Motion(xy, covariance) if _may_move(item) else None
                track = Track(xy, item.kinds, item.colours, now_s, 1.0 / spread**2, motion)
                self.known.append(track)
            else:
                track.add(xy, spread, covariance, item, now_s)
            track.inspected |= item.range_m < SEEN_CLEARLY_M
            continued.add(id(track))
        self.known = _drop_doubles([track for track in self.known if self._is_kept(track, eye, sighting, now_s)], now_s)

    def _is_kept(self, track: Track, eye: Eye, sighting: Sighting, now_s: float) -> bool:
        unseen_s = now_s - track.seen_s
        away, side = _locate_from(eye, track.locate(now_s))
        denied = unseen_s > 0.0 and not track.moves and shows_obstacle(sighting.ranges, sighting.ray_kinds, away, side)
        if denied or (unseen_s > 0.0 and _should_be_seen(away, side, sighting.ranges)):
            track.misses += 1
        lasts = track.count >= LASTING and not track.moves and not denied
        if track.misses > (MOVER_MISSES if track.moves else MISSES) and not lasts:
            return False
        if track.moves and unseen_s > (FOLLOWED_S if self._follows else FORGOTTEN_S):
            return False
        return track.count > 1 or unseen_s <= UNSURE_S


def _find_track(tracks: Iterable[Track], xy: np.ndarray, item: SeenItem, now_s: float) -> Track | None:
    """Return the nearest track that an item at a place can continue."""
    moves = _may_move(item)
    reach = REACH_M + REACH_SHARE * item.range_m + (MOVER_REACH_M if moves else 0.0)
    found = None
    for track in tracks:
        apart = float(np.hypot(*(track.locate(now_s) - xy)))
        if track.moves != moves or apart >= reach:
            continue
        agreement = float(_shares(track.kinds) @ np.exp(item.kinds)) * float(
            _shares(track.colours) @ np.exp(item.colours)
        )
        if agreement >= AGREES or apart <= NEAR_M:
            found, reach = track, apart
    return found


def _may_move(item: SeenItem) -> bool:
    return int(item.kinds.argmax()) >= len(STANDING)


def _locate_from(eye: Eye, place: np.ndarray) -> tuple[float, float]:
    """Return how far away a place (2,) is, m, and its bearing, rad."""
    x, y = (place - eye.xy).tolist()
    return math.hypot(x, y), math.remainder(math.atan2(y, x) - eye.yaw, math.tau)


def _should_be_seen(away: float, side: float, ranges: np.ndarray) -> bool:
    """Return whether a place is in view, with nothing before it."""
    ray = int((SIDE_RAD - side) * RAYS / (2.0 * SIDE_RAD))
    if not (2 <= ray < RAYS - 2 and SEEN_WITHIN_M[0] < away < SEEN_WITHIN_M[1]):
        return False
    return bool(ranges[ray - 1 : ray + 2].min() > away + IN_FRONT_M)


def _drop_doubles(tracks: Sequence[Track], now_s: float) -> list[Track]:
    """Keep the track that was seen most of several at one place."""
    kept: list[Track] = []
    for track in sorted(tracks, key=lambda each: -each.count):
        place = track.locate(now_s)
        if all(other.moves != track.moves or np.hypot(*(other.locate(now_s) - place)) >= NEAR_M for other in kept):
            kept.append(track)
    return kept


def _shares(logarithms: np.ndarray) -> np.ndarray:
    shares = np.exp(logarithms - logarithms.max())
    normalised: np.ndarray = shares / shares.sum()
    return normalised
