"""Doors off a hallway, found on the map, and which room lies behind which."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from policies.reference.driving.floor_map import OCCUPIED, FloorMap, find_cells, locate_cells
from policies.reference.driving.hall_axis import HallAxis
from policies.reference.vocabulary import Room

STEP_M = 0.05
ALONG_M = np.arange(-0.6, 11.0, STEP_M)  # along the hallway, from the start
WALLS_M = (0.15, 2.2)  # between the start and a side wall, across the hallway
USUAL_WALL_M = 1.0  # while a wall hasn't been seen
WALL_ODDS, FREE_ODDS, WALL_SHARE = 0.8, -0.5, 0.35  # the nearest wall is this long, compared with the longest
FEWEST_CELLS = 8  # of a wall that was seen
IN_WALL_M, THROUGH_M, BEHIND_M = (-0.05, 0.0, 0.05, 0.10), (0.0, 0.08, 0.16, 0.25, 0.35), (0.2, 0.3, 0.4, 0.5)
"""Distances behind the wall's face in which it, the way through a door, and the floor behind it are looked for."""
WIDTHS_M = (0.65, 1.45)  # of a door
OPEN_STEPS, OPEN_STEPS_AT_START = 7, 4  # along the wall that one can pass through
FIRST_END_M, HALF_WIDTH_M = 0.6, 0.52  # of a door whose near edge was never in view
INSIDE_M = 0.05  # from the wall's face to a target behind it
NEAR_TARGET_M = 0.35  # where the target itself stands
OBLIQUE_COST = 0.3  # for each metre along the hallway between a door and a target, in cells that are occupied
LINE = np.linspace(0.0, 1.0, 40)


class Doors(NamedTuple):
    """The doors on one side of the hallway, in order."""

    wall_m: float  # across the hallway, from the start to the wall's face
    middles_m: tuple[float, ...]  # along the hallway, from the start


def find_side_walls(floor_map: FloorMap, axis: HallAxis) -> tuple[float, float]:
    """Return where the faces of the left and of the right wall are, across the hallway, m."""
    places = axis.to_hall(locate_cells(np.argwhere(floor_map.log_odds > WALL_ODDS)))
    across = places[places[:, 0] > ALONG_M[0], 1]
    return _find_wall(across), -_find_wall(-across)


def _find_wall(across: np.ndarray) -> float:
    low, high = WALLS_M
    across = across[(across > low) & (across < high)]
    if len(across) < FEWEST_CELLS:
        return USUAL_WALL_M
    counts = np.histogram(across, np.arange(low, high + STEP_M, STEP_M))[0]
    around = np.convolve(counts, np.ones(3), "same")
    first = int(np.flatnonzero(around > WALL_SHARE * around.max())[0])
    return low + (first + int(around[first : first + 4].argmax()) + 0.5) * STEP_M


def find_doors(floor_map: FloorMap, axis: HallAxis, side: int) -> Doors:
    """Find the doors on a side of the hallway: 1 is left, -1 right."""
    wall = find_side_walls(floor_map, axis)[0 if side > 0 else 1]

    def odds(behind: float) -> np.ndarray:
        across = np.full(len(ALONG_M), wall + side * behind)
        found: np.ndarray = floor_map.log_odds[find_cells(axis.from_hall(np.stack([ALONG_M, across], axis=1)))]
        return found

    closed = np.any([odds(behind) > OCCUPIED for behind in IN_WALL_M], axis=0)
    through = np.sum([odds(behind) < FREE_ODDS for behind in THROUGH_M], axis=0) >= len(THROUGH_M) - 2
    open_steps = ~closed & through & np.any([odds(behind) < FREE_ODDS for behind in BEHIND_M], axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[True], closed, [True]]).astype(int)))
    middles = []
    for begin, end in edges.reshape(-1, 2).tolist():  # pieces without a wall
        count = int(open_steps[begin:end].sum())
        if end == len(ALONG_M):
            continue  # its far edge hasn't been seen
        if begin == 0:
            if count >= OPEN_STEPS_AT_START and ALONG_M[end] > FIRST_END_M:
                middles.append(float(ALONG_M[end]) - HALF_WIDTH_M)
        elif count >= OPEN_STEPS and WIDTHS_M[0] <= (end - begin) * STEP_M <= WIDTHS_M[1]:
            middles.append(float(ALONG_M[begin] + ALONG_M[end] - STEP_M) / 2)
    return Doors(wall, tuple(middles))


def is_in_room(xy: np.ndarray, room: Room, floor_map: FloorMap, axis: HallAxis) -> bool:
    """Return whether something at a place (2,) is in a room, as far as can be told."""
    along, across = axis.to_hall(xy).tolist()
    doors = find_doors(floor_map, axis, room.side)
    if across * room.side < abs(doors.wall_m) + INSIDE_M:
        return False
    if room.number is None:
        return True
    if len(doors.middles_m) <= room.number:
        return False
    costs = []
    for middle in doors.middles_m:
        begin = axis.from_hall(np.array([middle, doors.wall_m + room.side * 0.25]))
        line = begin + LINE[:, None] * (xy - begin)
        blocked = (floor_map.log_odds[find_cells(line)] > 0.5) & (np.hypot(*(line - xy).T) > NEAR_TARGET_M)
        costs.append(float(blocked.sum()) + OBLIQUE_COST * abs(middle - along))
    return int(np.argmin(costs)) == room.number
