"""A small reference network, and sightings of what truly stands there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from policies.reference.driving.floor_map import locate_eye
from policies.reference.network import RAY_KINDS, ReferenceConfig, ReferenceNetwork, build_reference
from policies.reference.panorama import (
    LARGEST_RANGE_M,
    RAYS,
    compute_bearings,
    measure_range_spread,
    measure_ranges,
    measure_rows,
)
from policies.reference.sighting import LARGEST_SPREAD_M, LEAST_SHARE, LEAST_SPREAD_M, SeenItem, Sighting
from policies.reference.vocabulary import COLOURS, KINDS
from scenarios.navigation.ray_casting import cast_rays, place_blocking_items
from scenarios.world import World
from sim.record.views.labels import classify_item, name_ray

ROW_ERROR = 0.3  # cells: what a trained network comes to
SeeTruly = Callable[..., Sighting]


@pytest.fixture(scope="session")
def network() -> ReferenceNetwork:
    """Fresh weights; tests leave it as it is."""
    import torch

    torch.set_num_threads(1)
    return build_reference(ReferenceConfig(8, (8, 8, 8, 8), (1, 1, 1, 1), 16, 8), 1000).eval()


@pytest.fixture
def see_truly() -> SeeTruly:
    """Return what the network should see in a world from a pose in its frame, with some error."""

    def see(world: World, pose: np.ndarray, progress: Sequence[float] = (), step: int = 0) -> Sighting:
        rng = np.random.default_rng(step)
        items, eye = place_blocking_items(world, progress), locate_eye(pose)
        ranges, hit = cast_rays(items, eye.xy, eye.yaw + compute_bearings(RAYS), LARGEST_RANGE_M)
        kinds = [RAY_KINDS.index(name_ray(items[number])) if number >= 0 else 0 for number in hit]
        away = measure_ranges(measure_rows(ranges) + ROW_ERROR * rng.standard_normal(RAYS))
        spreads = np.clip(measure_range_spread(away, np.full(RAYS, ROW_ERROR)), LEAST_SPREAD_M, LARGEST_SPREAD_M)
        seen = []
        for number in np.unique(hit[hit >= 0]).tolist():
            classes = classify_item(items[number])
            if classes is None:
                continue
            x, y = items[number].pose.x - eye.xy[0], items[number].pose.y - eye.xy[1]
            shares = [np.full(count, LEAST_SHARE) for count in (len(KINDS), len(COLOURS))]
            shares[0][classes.kind - 1] = shares[1][classes.colour] = 1.0
            side, rays = math.remainder(math.atan2(y, x) - eye.yaw, math.tau), np.flatnonzero(hit == number)
            is_cut = bool((rays < 4).any() or (rays >= RAYS - 4).any())
            seen.append(SeenItem(math.hypot(x, y), side, *(np.log(share) for share in shares), is_cut))
        return Sighting(away, spreads, np.array(kinds), tuple(sorted(seen, key=lambda item: item.range_m)))

    return see
