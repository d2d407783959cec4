"""The task: what to reach, and what not."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.geometry import Pose2D, Segment


@dataclass(frozen=True)
class Target:
    """A place to reach: within ``radius_m`` (robot centre to ``pose``) counts as reached."""

    name: str  # the name of its Item
    description: str  # as the instruction says it, unique in its world, e.g. "red ball"; begins with the Item's label
    pose: Pose2D
    radius_m: float


@dataclass(frozen=True)
class PassingSide:
    """Two ways past something, of which the instruction asks for one.

    Attributes:
        name: As the instruction says it, e.g. "left".
        asked: Line segment on the floor. The robot must cross it, coming from the start's side of it.
        other: Line segment on the floor. Crossing it from the start's side is final: the other way was taken.
    """

    name: str
    asked: Segment
    other: Segment


@dataclass(frozen=True)
class Task:
    """The task: reach ``goal`` in time, touch nothing, reach none of ``others``, follow none of ``decoys``.

    Attributes:
        others: Targets that stand. Coming within reach of one ends the episode.
        hold_s: How long the robot must stay within the goal's circle without a break; 0: reaching it is enough.
        hold_m: How far a moving goal must travel meanwhile.
        decoys: Targets that move. Following one as the goal must be followed ends the episode; being passed by one
            doesn't.
        side: The side on which the robot must pass, if the instruction names one.
    """

    goal: Target
    others: tuple[Target, ...] = ()
    time_limit_s: float = 30.0
    stuck_after_s: float = 8.0  # this long within ``stuck_radius_m`` ends the episode as 'stuck'
    stuck_radius_m: float = 0.15
    hold_s: float = 0.0
    hold_m: float = 0.0
    side: PassingSide | None = None
    decoys: tuple[Target, ...] = ()

    @property
    def must_stay(self) -> bool:
        """Whether the robot must stay within the goal's circle, for a time or a stretch of the goal's way."""
        return self.hold_s > 0.0 or self.hold_m > 0.0
