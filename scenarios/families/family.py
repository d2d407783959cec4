"""Common parts of all families: ranges of textures, light, start and phrases, and rejection sampling of worlds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.building.shell import Surface, sample_light
from scenarios.building.textures import FLOOR_LOOKS, WALL_LOOKS
from scenarios.geometry import Bounds, Pose2D
from scenarios.navigation.clearance_grid import is_goal_reachable
from scenarios.objects.colours import sample_tint
from scenarios.ranges import Choice, Range
from scenarios.world import Item, Light, MovingItem, Task, World

MAX_DRAWS = 300  # candidates before the ranges count as unsolvable


@dataclass(frozen=True, kw_only=True)
class FamilySpec:
    """The ranges that all families share; a family's own spec adds fields and may change defaults.

    Lengths in metres, angles in radians, speeds in m/s, times in seconds. A field's name implies its unit, see
    ``scenarios.files.units``; otherwise ``scenarios.ranges.with_unit`` declares it.

    ``unseen_phrases`` say the same as ``phrases`` in other words, and occur in test suites only.
    """

    start_yaw: Range = Range(-0.35, 0.35)
    target_radius: float = 0.50
    floor_look: Choice[str] = Choice(FLOOR_LOOKS)
    wall_look: Choice[str] = Choice(WALL_LOOKS)
    tint: Range = Range(0.88, 1.0)
    ambient: Range = Range(0.62, 0.78)
    diffuse: Range = Range(0.26, 0.38)
    phrases: Choice[str] = Choice(("go to the {target}", "find the {target} and drive to it", "head for the {target}"))
    unseen_phrases: Choice[str] = Choice(())

    def sample_surfaces(self, rng: np.random.Generator) -> tuple[Surface, Surface]:
        """Sample the texture and tint of the floor, and of the walls."""
        floor = (self.floor_look.draw(rng), sample_tint(self.tint, rng))
        return floor, (self.wall_look.draw(rng), sample_tint(self.tint, rng))

    def sample_light(self, rng: np.random.Generator) -> Light:
        """Sample the light."""
        return sample_light(self.ambient, self.diffuse, rng)

    def assemble_world(
        self,
        rng: np.random.Generator,
        scenario: str,
        items: Sequence[Item],
        start: Pose2D,
        task: Task,
        bounds_m: Bounds,
        clearance_m: float,
        movers: Sequence[MovingItem] = (),
        light: Light | None = None,
        **words: str,
    ) -> World:
        """Assemble a world from these parts, and sample its instruction.

        Args:
            light: The light; sampled here by default.
            words: Values of the placeholders in phrases, except ``{target}``.
        """
        return World(
            scenario=scenario,
            items=tuple(items),
            start=start,
            task=task,
            instruction=self.phrases.draw(rng).format(target=task.goal.description, **words),
            bounds_m=bounds_m,
            clearance_m=clearance_m,
            light=self.sample_light(rng) if light is None else light,
            movers=tuple(movers),
        )


@dataclass(frozen=True, kw_only=True)
class HallSpec(FamilySpec):
    """The ranges of families in one hall, whose floor begins at x = 0 and is centred on y = 0."""

    length: Range
    width: Range
    height: Range

    def sample_size(self, rng: np.random.Generator) -> tuple[float, float, float]:
        """Sample length, width and height of the hall."""
        return self.length.draw(rng), self.width.draw(rng), self.height.draw(rng)


def is_solvable(world: World) -> bool:
    """Return whether the goal can be reached with the world's clearance."""
    return is_goal_reachable(world, world.clearance_m)


def rejection_sample(
    family: str, draw: Callable[[], World | None], accept: Callable[[World], bool] = is_solvable
) -> World:
    """Sample worlds until one is solvable, and return it.

    Values whose distribution must not be biased by rejection, such as the number of obstacles, are sampled beforehand.

    Args:
        draw: Samples one candidate; returns None if something finds no room.

    Raises:
        RuntimeError: If none of ``MAX_DRAWS`` candidates is solvable, so the ranges leave too little room.
    """
    for _ in range(MAX_DRAWS):
        world = draw()
        if world is not None and accept(world):
            return world
    raise RuntimeError(f"no solvable {family} in {MAX_DRAWS} samples: the ranges leave too little room")
