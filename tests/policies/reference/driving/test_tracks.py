from __future__ import annotations

import math

import numpy as np
import pytest

from policies.reference.driving.floor_map import Eye
from policies.reference.driving.tracks import Tracks
from policies.reference.network import RAY_KINDS
from policies.reference.panorama import RAYS
from policies.reference.sighting import LEAST_SHARE, SeenItem, Sighting
from policies.reference.vocabulary import COLOURS, KINDS, Asked

EYE = Eye(np.zeros(2), 0.0)
FAR = np.full(RAYS, 9.0)


def item(x: float, y: float, kind: str = "ball", colour: str = "red") -> SeenItem:
    shares = [np.full(count, LEAST_SHARE) for count in (len(KINDS), len(COLOURS))]
    shares[0][KINDS.index(kind)] = shares[1][COLOURS.index(colour)] = 1.0
    return SeenItem(math.hypot(x, y), math.atan2(y, x), *(np.log(share) for share in shares), False)


def see(*items: SeenItem, ranges: np.ndarray = FAR) -> Sighting:
    return Sighting(ranges, np.full(RAYS, 0.05), np.zeros(RAYS, int), items)


def watch(tracks: Tracks, sightings: list[Sighting]) -> Tracks:
    for step, sighting in enumerate(sightings):
        tracks.update(EYE, sighting, 0.1 * (step + 1))
    return tracks


def test_one_item_seen_often_is_one_track_at_its_mean_place() -> None:
    seen = [see(item(3.0, 0.1 * (-1) ** step)) for step in range(10)]
    (track,) = watch(Tracks(follows=False), seen).known
    assert track.count == 10
    assert track.locate(1.0) == pytest.approx([3.0, 0.0], abs=0.03)
    assert track.match(Asked("ball", "red")) > 0.9 > 0.1 > track.match(Asked("ball", "blue"))
    assert track.stands
    assert track.is_target


def test_a_near_look_weighs_more_than_a_far_one() -> None:
    tracks = watch(Tracks(follows=False), [see(item(5.0, 0.0))])
    tracks.update(Eye(np.array([4.0, 0.0]), 0.0), see(item(0.7, 0.0)), 0.2)
    (track,) = tracks.known
    assert abs(track.locate(0.2)[0] - 4.7) < 0.05


def test_two_items_stay_apart() -> None:
    seen = [see(item(2.0, 1.0), item(2.0, -1.0, colour="blue"))] * 4
    assert [track.count for track in watch(Tracks(follows=False), seen).known] == [4, 4]


def test_a_mover_has_the_velocity_of_its_places_and_goes_on_unseen() -> None:
    seen = [see(item(3.0, -1.0 + 0.05 * step, "person")) for step in range(12)]
    tracks = watch(Tracks(follows=True), seen)
    (track,) = tracks.known
    assert track.velocity == pytest.approx([0.0, 0.5], abs=0.05)
    assert track.locate(1.2 + 1.0)[1] == pytest.approx(track.locate(1.2)[1] + 0.5, abs=0.05)
    assert not track.stands
    assert not track.is_target


def test_a_mover_that_stands_has_no_velocity() -> None:
    (track,) = watch(Tracks(follows=True), [see(item(3.0, 0.0, "trolley"))] * 12).known
    assert track.stands


def test_a_track_ends_when_its_place_is_seen_empty_and_stays_when_something_hides_it() -> None:
    tracks = watch(Tracks(follows=False), [see(item(3.0, 0.0))] * 3)
    hidden = see(ranges=np.full(RAYS, 2.0))
    for step in range(20):
        tracks.update(EYE, hidden, 0.4 + 0.1 * step)
    assert len(tracks.known) == 1
    for step in range(20):
        tracks.update(EYE, see(), 2.4 + 0.1 * step)
    assert not tracks.known


@pytest.mark.parametrize(("kind", "stays"), [("obstacle", False), ("target", True)])
def test_a_track_ends_where_rays_show_a_nameless_obstacle_however_often_it_was_seen(kind: str, stays: bool) -> None:
    tracks = watch(Tracks(follows=False), [see(item(3.4, 0.0))] * 60)
    near, rays = Eye(np.array([1.9, 0.0]), 0.0), np.full(RAYS, RAY_KINDS.index(kind))
    for step in range(10):
        tracks.update(near, see(ranges=np.full(RAYS, 1.4))._replace(ray_kinds=rays), 6.1 + 0.1 * step)
    assert bool(tracks.known) == stays


def test_a_mover_that_the_picture_cuts_is_located_badly() -> None:
    """One that leaves the picture seems to move less than its middle does."""
    seen = [item(1.0, 0.6 + 0.05 * step, "person") for step in range(12)]
    whole, cut = (
        watch(Tracks(follows=True), [see(each._replace(is_cut=is_cut)) for each in seen]).known[0].velocity[1]
        for is_cut in (False, True)
    )
    assert 0.0 <= cut < whole


def test_what_was_seen_once_is_forgotten_soon() -> None:
    tracks = watch(Tracks(follows=False), [see(item(8.0, 0.0))])
    tracks.update(EYE, see(), 2.0)
    assert not tracks.known


def test_a_colour_is_what_most_sightings_say() -> None:
    seen = [see(item(2.0, 0.0, colour="orange" if step % 5 == 0 else "red")) for step in range(15)]
    (track,) = watch(Tracks(follows=False), seen).known
    assert track.match(Asked("ball", "red")) > 0.9


def test_any_colour_will_do_if_none_is_asked_for() -> None:
    (track,) = watch(Tracks(follows=False), [see(item(2.0, 0.0, "cup", "green"))] * 2).known
    assert track.match(Asked("cup")) > 0.5
    assert track.match(Asked()) == 0.0
