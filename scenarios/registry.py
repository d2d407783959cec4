"""The table of scenario families. A new family is a file with a spec and a function, plus a row here."""

from __future__ import annotations

from scenarios.families.box_detour import BoxDetourSpec, box_detour
from scenarios.families.clutter import ClutterSpec, clutter
from scenarios.families.corridor import CorridorSpec, corridor
from scenarios.families.crossing import CrossingSpec, crossing
from scenarios.families.doorway import DoorwaySpec, doorway
from scenarios.families.lookalikes import LookalikesSpec, lookalikes
from scenarios.families.pursuit import PursuitSpec, pursuit
from scenarios.families.rooms import RoomsSpec, rooms
from scenarios.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "corridor", "drive down a corridor past boxes to the named target at the end", CorridorSpec(), corridor
        ),
        Scenario("doorway", "pass narrow doors on the way to the named target", DoorwaySpec(), doorway),
        Scenario("clutter", "cross a cluttered hall to the named target", ClutterSpec(), clutter),
        Scenario("rooms", "find the target in the named room off the hallway", RoomsSpec(), rooms),
        Scenario("crossing", "cross a hall with walking people to the named target", CrossingSpec(), crossing),
        Scenario("pursuit", "catch up with the named moving target and stay with it", PursuitSpec(), pursuit),
        Scenario(
            "box-detour",
            "pass one or two boxes on the named side and reach the cup",
            BoxDetourSpec(),
            box_detour,
        ),
        Scenario("lookalikes", "drive to the named one of several similar targets", LookalikesSpec(), lookalikes),
    )
}
