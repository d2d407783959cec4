from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from policies.reference.network import NOTHING, RAY_KINDS
from policies.reference.panorama import CELLS, RAYS, SIZE, compute_bearings, measure_rows
from policies.reference.sighting import find_items, make_sighting, read_outputs
from policies.reference.vocabulary import COLOURS, KINDS


def show(patches: list[tuple[slice, slice, str, str, float, float]]):
    """Cells that show items: (rows, columns, kind, colour, range, bearing) each."""
    kinds, colours = np.full((1 + len(KINDS), CELLS, CELLS), 0.01), np.full((len(COLOURS), CELLS, CELLS), 0.01)
    ranges, sides = np.ones((CELLS, CELLS)), np.zeros((CELLS, CELLS))
    kinds[NOTHING] = 0.9
    for rows, columns, kind, colour, away, side in patches:
        kinds[NOTHING, rows, columns], kinds[1 + KINDS.index(kind), rows, columns] = 0.05, 0.85
        colours[COLOURS.index(colour), rows, columns] = 0.9
        ranges[rows, columns], sides[rows, columns] = away, side
    return kinds, colours, ranges, sides


def test_a_patch_of_cells_is_an_item_with_its_kind_colour_and_place() -> None:
    (item,) = find_items(*show([(slice(10, 14), slice(20, 24), "cone", "blue", 2.0, 0.1)]))
    assert (item.range_m, item.bearing_rad) == pytest.approx((2.0, 0.1))
    assert KINDS[item.kinds.argmax()] == "cone"
    assert COLOURS[item.colours.argmax()] == "blue"
    assert not item.is_cut


def test_neighbouring_cells_of_different_places_are_two_items_the_nearer_first() -> None:
    far = (slice(10, 14), slice(20, 24), "ball", "red", 4.0, 0.1)
    near = (slice(10, 14), slice(24, 28), "ball", "red", 2.0, -0.2)
    assert [round(item.range_m, 3) for item in find_items(*show([far, near]))] == [2.0, 4.0]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e30])
def test_outputs_of_damaged_weights_are_read_as_numbers(bad: float, network) -> None:
    """The population has copies with noise on their weights."""
    with torch.inference_mode():
        outputs = network(torch.zeros(2, 3, SIZE, SIZE))
        for name in outputs._fields:
            for damaged in (getattr(outputs, name) * math.nan, torch.full_like(getattr(outputs, name), bad)):
                changed = outputs._replace(kinds=_show_everywhere(outputs.kinds)) if name != "kinds" else outputs
                for sighting in read_outputs(changed._replace(**{name: damaged})):
                    assert np.isfinite(sighting.ranges).all()
                    assert (sighting.ranges > 0.0).all()
                    assert np.isfinite(sighting.spreads).all()
                    for item in sighting.items:
                        assert np.isfinite([item.range_m, item.bearing_rad, *item.kinds, *item.colours]).all()


def _show_everywhere(kinds: torch.Tensor) -> torch.Tensor:
    shown = torch.zeros_like(kinds)
    shown[:, 1] = 10.0
    return shown


def test_an_item_at_the_edge_of_the_picture_is_cut() -> None:
    (item,) = find_items(*show([(slice(10, 14), slice(0, 3), "ball", "red", 1.0, 0.8)]))
    assert item.is_cut


def test_a_single_cell_is_an_item_only_far_away() -> None:
    assert not find_items(*show([(slice(9, 10), slice(20, 21), "ball", "red", 2.0, 0.0)]))
    assert find_items(*show([(slice(9, 10), slice(20, 21), "ball", "red", 6.0, 0.0)]))


def test_an_empty_picture_shows_no_items() -> None:
    assert find_items(*show([])) == []


def test_rows_become_ranges_and_their_spread() -> None:
    rows = measure_rows(np.full(RAYS, 2.0))
    sighting = make_sighting(rows, np.full(RAYS, 0.1), np.zeros(RAYS, int), *show([]))
    assert sighting.ranges == pytest.approx(np.full(RAYS, 2.0))
    assert (sighting.spreads > 0.01).all()
    assert sighting.items == ()


def test_the_network_s_answers_to_several_pictures_are_read_one_by_one(network) -> None:
    pictures = torch.rand(3, 3, 160, 160, generator=torch.Generator().manual_seed(0)) * 255.0
    with torch.inference_mode():
        outputs = network(pictures)
        sightings = read_outputs(outputs)
    assert len(sightings) == 3
    assert all(sighting.ranges.shape == (RAYS,) for sighting in sightings)
    assert not np.array_equal(sightings[0].ranges, sightings[1].ranges)


def test_bearings_of_items_are_counted_from_their_cell(network) -> None:
    with torch.inference_mode():
        outputs = network(torch.zeros(1, 3, 160, 160))
    kinds = outputs.kinds.clone()
    kinds[:, 0], kinds[:, 1] = -20.0, 20.0
    places = torch.zeros_like(outputs.places)
    places[:, 0] = math.log(3.0)
    items = read_outputs(outputs._replace(kinds=kinds, places=places))[0].items
    assert {round(item.range_m, 4) for item in items} == {3.0}
    assert all(min(abs(compute_bearings(CELLS) - item.bearing_rad)) < 0.05 for item in items)


BARREL = (slice(10, 14), slice(19, 21), "barrel", "blue", 1.5, 0.0)


@pytest.mark.parametrize(
    ("ray_kind", "away", "kept"),
    [
        ("obstacle", 1.4, False),
        ("target", 1.4, True),
        ("obstacle", 0.7, True),
        ("obstacle", 1.05, True),
        ("obstacle", 3.0, True),
    ],
)
def test_an_item_where_every_ray_meets_a_nameless_obstacle_is_mistaken(ray_kind: str, away: float, kept: bool) -> None:
    """A crate looks like a barrel to some cells; what stands in front of an item or behind it says nothing of it."""
    rows, kinds = measure_rows(np.full(RAYS, away)), np.full(RAYS, RAY_KINDS.index(ray_kind))
    assert bool(make_sighting(rows, np.full(RAYS, 0.1), kinds, *show([BARREL])).items) == kept


def test_far_away_an_obstacle_and_an_item_are_told_apart_too_badly_to_drop_it() -> None:
    rows, kinds = measure_rows(np.full(RAYS, 5.0)), np.full(RAYS, RAY_KINDS.index("obstacle"))
    assert make_sighting(rows, np.full(RAYS, 0.1), kinds, *show([(*BARREL[:4], 5.0, 0.0)])).items
