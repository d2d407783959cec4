"""The driver of one episode: it maps what is seen, finds what was asked for, and drives there."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from policies.reference.driving.cost_map import Circle, CostMap
from policies.reference.driving.floor_map import CELL_M, FloorMap, is_on_map, locate_cells, locate_eye
from policies.reference.driving.hall_axis import HallAxis, turn_points
from policies.reference.driving.rooms import find_doors, find_side_walls, is_in_room
from policies.reference.driving.steering import FOLLOWED_RADIUS_M, drive_to, follow_target, turn_on_the_spot
from policies.reference.driving.tracks import Track, Tracks
from policies.reference.panorama import SIDE_RAD
from policies.reference.sighting import Sighting
from policies.reference.vocabulary import Asked, Room
from scenarios.robot import CONTROL_PERIOD_S

MATCHES, BEST_COUNT = 0.35, 5  # least share of what was asked for, and sightings beyond which more don't count
REACHED_M, MOVER_REACHED_M = 0.42, 0.80  # it drives up to here from a goal: inside the circle that counts
BLIND_RADIUS_M = 0.14  # while it follows, this much of it stays on floor that was seen
FOLLOW_WITHIN_M = 1.4 * FOLLOWED_RADIUS_M
KEEP_OUT_M, MOVER_KEEP_OUT_M, LEAVE_M = 0.62, 0.45, 0.03  # of others' middles; nearer, it leaves
SAME_NAME, TRUSTED_COUNT = 0.5, 3  # a track that is likely the goal's twin isn't kept out of
GIVE_WAY_WITHIN_M, WAIT_WITHIN_M = 3.5, 1.2
UNKNOWN_AHEAD = 2.0  # worth of what isn't known yet, by metres along the hall
UNKNOWN_AHEAD_OF_MOVER = 0.3  # the same, for targets that move: they are anywhere
SAME_EDGE_M, SAME_EDGE_WORTH = 0.6, 1.0  # it goes on to where it was driving, unless elsewhere is worth more
PROGRESS_M, GIVE_UP_S = 0.3, 3.5  # it turns round in less
INSPECTED_M = 1.0  # from an item: near enough to tell what it is
LIKELY_COLOUR = 0.3  # share of the colour that was asked for: such items are inspected before it explores
LEAST_WAY_M, FREE_CLEARANCE_M = 0.4, 0.03
HALLWAY_CLEARANCE_M, HALLWAY_MIDDLE_M, HALLWAY_END_M = 0.10, 0.25, 0.15
SURE_OF_END = 10  # sightings in a row, since one may be of a passer-by
BEHIND_DOOR_M, IN_ROOM_M, NEAR_DOOR_M, DOOR_RADIUS_M = 0.55, 0.25, 1.5, 0.15
LOOK_SPEED, LOOKED_RAD = 0.8, 6.0  # share of the top rate; nearly a turn
BOX_ODDS, BOX_VOTES, FEWEST_BOX_CELLS, BOX_WITHIN_M = 0.5, 0.8, 6, 4.5
SIDE_HALF_WIDTH_M, SIDE_LENGTH_M = 0.06, 3.5


class Progress:
    """Tells when the robot has hardly moved for a while, though it drives somewhere."""

    def __init__(self) -> None:
        self._from, self._since_s, self._asked_s = np.zeros(2), 0.0, -math.inf

    def stalls(self, xy: np.ndarray, now_s: float, waits: bool) -> bool:
        """Return whether it stalls, once each time; asked in every step while it drives somewhere.

        Args:
            xy: (2,) where it is.
            now_s: The time.
            waits: Whether it may be waiting for somebody.
        """
        goes_on = now_s - self._asked_s < 1.5 * CONTROL_PERIOD_S
        self._asked_s = now_s
        if waits or not goes_on or math.dist(xy, self._from) > PROGRESS_M:
            self._from, self._since_s = xy.copy(), now_s
        if now_s - self._since_s <= GIVE_UP_S:
            return False
        self._since_s = now_s
        return True


class Driver:
    """Drives one episode from sightings and odometry.

    Attributes:
        doing: What it does, in a word or two.

    Args:
        asked: What the instruction asks for.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.map, self.axis, self.tracks = FloorMap(), HallAxis(), Tracks(asked.follows)
        self.doing = ""
        self._now_s = 0.0
        self._pose = np.zeros(3)
        self._goal: Track | None = None
        self._edge: np.ndarray | None = None  # of what is known, to which it drives
        self._given_up: list[np.ndarray] = []  # edges
        self._inspected: Track | None = None  # to which it drives
        self._exploring, self._inspecting = Progress(), Progress()
        self._waits = False  # for movers
        self._box: np.ndarray | None = None
        self._looked_rad = 0.0  # since it entered a room
        self._last_yaw: float | None = None
        self._end_seen = 0  # how often in a row nothing of the hallway was left to drive

    def step(self, pose: np.ndarray, sighting: Sighting) -> np.ndarray:
        """Return the action (3,) after a sighting from a pose (3,) in the frame of the start.

        It stops where its map ends. If odometry fails, it goes on from the pose before.
        """
        self._now_s += CONTROL_PERIOD_S
        if np.isfinite(pose).all():
            self._pose = pose
        pose = self._pose
        if not is_on_map(pose[:2]):
            self.doing = "waiting beyond the map"
            return turn_on_the_spot(0.0)
        self.axis.update(pose, sighting)
        self.map.update(pose, sighting)
        self.tracks.update(locate_eye(pose), sighting, self._now_s)
        self._goal = self._choose_goal()
        goal = None if self._goal is None else self._goal.locate(self._now_s)
        costs = CostMap(self.map, pose[:2], goal, self._keep_out())
        self._close_other_side(costs, goal)
        if self._goal is None or goal is None:
            aim = self._search(costs)
            return turn_on_the_spot(LOOK_SPEED) if aim is None else self._drive_to(aim, costs)
        if self.asked.follows and math.dist(goal, pose[:2]) < FOLLOW_WITHIN_M:
            return self._follow(self._goal, costs)
        self.doing = "reaching"
        within = costs.measure_distance(goal) <= (MOVER_REACHED_M if self.asked.follows else REACHED_M)
        return self._drive_to(self._aim_at(goal, within, costs), costs)

    def _choose_goal(self) -> Track | None:
        """Return the track that is most likely what was asked for; None if none is."""
        best, most = None, 0.0
        for track in self.tracks.known:
            share = track.match(self.asked)
            if share <= MATCHES or track.count < 2:
                continue
            if self.asked.room and not is_in_room(track.xy, self.asked.room, self.map, self.axis):
                continue
            score = share * min(track.count, BEST_COUNT)
            if score > most:
                best, most = track, score
        return best

    def _keep_out(self) -> list[Circle]:
        """Return the circles around other targets, and around what may move but stands."""
        circles = []
        for track in self.tracks.known:
            if track is self._goal or not track.stands or track.count < TRUSTED_COUNT:
                continue
            if self.asked.follows and not track.moves:
                continue  # where targets move, what can't is furniture
            if not self.asked.room and track.match(self.asked) > SAME_NAME:
                continue
            if not (track.moves or track.is_target):
                continue
            place = track.locate(self._now_s)
            radius = KEEP_OUT_M if self.asked.follows or not track.moves else MOVER_KEEP_OUT_M
            circles.append(Circle(place, min(radius, math.dist(place, self._pose[:2]) - LEAVE_M)))
        return circles

    def _close_other_side(self, costs: CostMap, goal: np.ndarray | None) -> None:
        """Close the way past the boxes on the side that wasn't asked for, seen from the start towards the goal (2,)."""
        if self.asked.side is None:
            return
        self._box = self._find_box()
        if self._box is None:
            return
        angle = self.axis.towards(self._box if goal is None else goal)
        along, across = np.moveaxis(turn_points(costs.xy - self._box, -angle), -1, 0)
        beside = (across * self.asked.side < 0.0) & (np.abs(across) < SIDE_LENGTH_M)
        costs.close(beside & (np.abs(along) < SIDE_HALF_WIDTH_M))

    def _find_box(self) -> np.ndarray | None:
        """Find the middle (2,) of the largest obstacle that was seen; the last one, if none is."""
        cells = (self.map.obstacle_votes > BOX_VOTES) & (self.map.log_odds > BOX_ODDS)
        if cells.sum() < FEWEST_BOX_CELLS:
            return self._box
        groups, count = ndimage.label(ndimage.binary_dilation(cells, np.ones((7, 7))))
        best, most = self._box, 0
        for group in range(1, count + 1):
            members = locate_cells(np.argwhere((groups == group) & cells))
            middle = members.mean(axis=0)
            if len(members) > most and np.hypot(*middle) < BOX_WITHIN_M:
                best, most = middle, len(members)
        return best

    def _drive_to(self, aim: np.ndarray, costs: CostMap) -> np.ndarray:
        movers = [
            track
            for track in self.tracks.known
            if track.moves
            and track is not self._goal
            and track.count > 1
            and math.dist(track.locate(self._now_s), self._pose[:2]) < GIVE_WAY_WITHIN_M
        ]
        clearance_m = costs.clearance_m
        self._waits = any(
            not mover.stands and math.dist(mover.locate(self._now_s), self._pose[:2]) < WAIT_WITHIN_M
            for mover in movers
        )
        if movers:  # it may have to give way to any side, but not to where it never looked
            blind_m = costs.measure_blind_clearance(BLIND_RADIUS_M)
            clearance_m = np.where(self._is_aside(costs), np.minimum(clearance_m, blind_m), clearance_m)
        return drive_to(aim, self._pose, lambda at: clearance_m[costs.find_index(at)], movers, self._now_s)

    def _is_aside(self, costs: CostMap) -> np.ndarray:
        """Return the cells (nx, ny) bool that the camera doesn't see from here."""
        ahead, left = np.moveaxis(turn_points(costs.xy - self._pose[:2], -float(self._pose[2])), -1, 0)
        return (np.abs(np.arctan2(left, ahead)) > SIDE_RAD) & (np.hypot(ahead, left) > CELL_M)

    def _follow(self, goal: Track, costs: CostMap) -> np.ndarray:
        self.doing = "following"
        others = [track for track in self.tracks.known if track is not goal and track.moves and track.count > 1]
        clearance_m = np.minimum(costs.clearance_m, costs.measure_blind_clearance(BLIND_RADIUS_M))
        return follow_target(goal, self._pose, lambda at: clearance_m[costs.find_index(at)], others, self._now_s)

    def _aim_at(self, goal: np.ndarray, within: np.ndarray, costs: CostMap) -> np.ndarray:
        """Return the point (2,) to drive to next, on the way to the cells (nx, ny) bool around a goal (2,)."""
        way = costs.find_way(self._pose[:2], within)
        if way is None or len(way) <= 2:
            return goal
        aim = costs.aim_along(self._pose[:2], way)
        return goal if np.array_equal(aim, way[-1]) else aim

    def _search(self, costs: CostMap) -> np.ndarray | None:
        """Return where to look for the goal, (2,); None: around."""
        if self.asked.room is not None:
            doors = find_doors(self.map, self.axis, self.asked.room.side)
            number = self.asked.room.number or 0
            if number < len(doors.middles_m):
                return self._enter(doors.middles_m[number], doors.wall_m, self.asked.room, costs)
            way = self._drive_down_hallway(costs)
            if way is not None:
                return way
        self.doing = "searching"
        reachable = costs.find_reachable(self._pose[:2])
        for look in (
            lambda: self._inspect(costs, LIKELY_COLOUR, reachable) if self.asked.colour else None,
            lambda: self._explore(costs, reachable),
            lambda: self._inspect(costs),
        ):
            aim = look()
            if aim is not None:
                return aim
        return self._explore(costs)  # behind what may be an error of the map

    def _inspect(
        self, costs: CostMap, least_colour: float = 0.0, within: np.ndarray | None = None
    ) -> np.ndarray | None:
        """Return the next point (2,) on the way to an item that may yet be the goal; None without any.

        From afar a kind is easily mistaken, a colour hardly. It goes on to the item to which it drives already, and
        gives up one that it can't get nearer to.
        """
        if self.asked.kind is None or self.asked.follows or self.asked.room:
            return None
        known = [track for track in self.tracks.known if track.is_target and track.count >= TRUSTED_COUNT]
        for track in known:
            track.inspected |= math.dist(track.xy, self._pose[:2]) <= INSPECTED_M + CELL_M
        if self._inspected is not None and self._inspecting.stalls(self._pose[:2], self._now_s, self._waits):
            self._inspected.inspected = True
        doubtful = [track for track in known if not track.inspected and track.match_colour(self.asked) >= least_colour]
        for track in sorted(doubtful, key=lambda each: (each is not self._inspected, -each.match(self.asked))):
            ends = costs.measure_distance(track.xy) <= INSPECTED_M
            way = costs.find_way(self._pose[:2], ends if within is None else ends & within)
            if way is not None:
                self.doing, self._inspected = "inspecting", track
                return self._aim_along(way, costs)
        return None

    def _enter(self, door_m: float, wall_m: float, room: Room, costs: CostMap) -> np.ndarray | None:
        """Return the next point (2,) on the way through a door; None: look around, behind it."""
        along, across = self.axis.to_hall(self._pose[:2]).tolist()
        if across * room.side > abs(wall_m) + IN_ROOM_M and abs(along - door_m) < NEAR_DOOR_M:
            return self._look_around_room(costs)
        self._looked_rad, self._last_yaw = 0.0, None
        self.doing = "entering"
        behind = self.axis.from_hall(np.array([door_m, wall_m + room.side * BEHIND_DOOR_M]))
        way = costs.find_way(self._pose[:2], costs.measure_distance(behind) <= DOOR_RADIUS_M)
        if way is None:
            return self._explore(costs)
        return costs.aim_along(self._pose[:2], way) if len(way) > 2 else behind

    def _look_around_room(self, costs: CostMap) -> np.ndarray | None:
        self.doing = "looking around"
        yaw = float(self._pose[2])
        self._looked_rad += 0.0 if self._last_yaw is None else abs(math.remainder(yaw - self._last_yaw, math.tau))
        self._last_yaw = yaw
        return None if self._looked_rad < LOOKED_RAD else self._explore(costs)

    def _drive_down_hallway(self, costs: CostMap) -> np.ndarray | None:
        """Return the next point (2,) on the way to the end of what is known of the hallway; None once it is there."""
        if self._end_seen >= SURE_OF_END:
            return None
        self.doing = "driving down the hallway"
        along, across = np.moveaxis(self.axis.to_hall(costs.xy), -1, 0)
        left, right = find_side_walls(self.map, self.axis)
        ends = self._find_open(costs, HALLWAY_CLEARANCE_M) & (np.abs(across - (left + right) / 2) < HALLWAY_MIDDLE_M)
        ends &= along > self.axis.to_hall(self._pose[:2])[0] + LEAST_WAY_M
        self._end_seen = 0 if ends.any() else self._end_seen + 1
        if not ends.any():
            return None
        ends &= along > along[ends].max() - HALLWAY_END_M
        return self._aim_along(costs.find_best_way(self._pose[:2], ends, UNKNOWN_AHEAD * along), costs)

    def _explore(self, costs: CostMap, within: np.ndarray | None = None) -> np.ndarray | None:
        """Return the next point (2,) on the way to an edge of what is known, in cells (nx, ny) bool; None without."""
        known = self.map.free & ndimage.binary_dilation(~(self.map.free | self.map.occupied), np.ones((3, 3)))
        self._give_up_edge()
        ends = known[costs.window] & self._find_open(costs, FREE_CLEARANCE_M)
        for edge in self._given_up:
            ends &= costs.measure_distance(edge) > SAME_EDGE_M
        same = np.zeros_like(ends) if self._edge is None else costs.measure_distance(self._edge) < SAME_EDGE_M
        ends &= same | (costs.measure_distance(self._pose[:2]) > LEAST_WAY_M)
        if within is not None:
            ends &= within
        elif not ends.any():
            self._given_up.clear()  # all have another chance
        along = self.axis.to_hall(costs.xy)[..., 0]
        worth = along * (UNKNOWN_AHEAD_OF_MOVER if self.asked.follows else UNKNOWN_AHEAD)
        way = costs.find_best_way(self._pose[:2], ends, worth + SAME_EDGE_WORTH * same)
        if way is not None:
            self._edge = way[-1]
        elif within is None:
            self._edge = None
        return self._aim_along(way, costs)

    def _give_up_edge(self) -> None:
        """Give up the edge that it drives to if it has hardly moved for a while: what hides there stays hidden."""
        if self._exploring.stalls(self._pose[:2], self._now_s, self._waits) and self._edge is not None:
            self._given_up.append(self._edge)
            self._edge = None

    def _find_open(self, costs: CostMap, clearance_m: float) -> np.ndarray:
        """Return the cells (nx, ny) bool that are free, with some clearance, and not to be avoided."""
        return self.map.free[costs.window] & (costs.clearance_m > clearance_m) & costs.is_open

    def _aim_along(self, way: np.ndarray | None, costs: CostMap) -> np.ndarray | None:
        return None if way is None else costs.aim_along(self._pose[:2], way)
