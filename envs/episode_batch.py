"""The episodes of several robots, whose cameras are drawn together: what all environments are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from envs.camera import Shot
from envs.episode_tracker import EpisodeTracker
from envs.simulation.command import Command
from envs.simulation.lockstep import BatchedStep, Lockstep
from envs.simulation.simulation import Simulation
from envs.simulation.views import third_person_view
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario

FILM_SIZE = (480, 640)  # height, width of ``render``
RENDER_MODES = ("rgb_array",)


class BatchOutcome(NamedTuple):
    """What one control step of all n robots came to."""

    rewards: np.ndarray  # (n,) float64
    terminated: np.ndarray  # (n,) bool
    truncated: np.ndarray  # (n,) bool


class EpisodeBatch:
    """Robots that drive side by side, each through its own episodes.

    Attributes:
        trackers: The episodes of each robot.

    Args:
        scenario: A name, file or reference, as ``scenarios.lookup.get_scenario`` takes it.
        slots: Number of robots.
        renderer: "gl", "gpu", "tiny" or "auto".
        image_size: Height and width of the cameras' frames in pixels.
        render_mode: "rgb_array" or None.

    Raises:
        InputError: An argument isn't possible.
    """

    def __init__(
        self, scenario: str, slots: int, renderer: str, image_size: tuple[int, int], render_mode: str | None
    ) -> None:
        if render_mode not in (None, *RENDER_MODES):
            raise InputError(f"render_mode '{render_mode}' is not supported: use 'rgb_array' or None")
        found = get_scenario(scenario)
        self.trackers = tuple(EpisodeTracker(found) for _ in range(slots))
        self._lockstep = Lockstep(slots, renderer, image_size)
        self._step: BatchedStep | None = None

    @property
    def started(self) -> bool:
        """Whether every robot has an episode."""
        return self._step is not None

    @property
    def _current(self) -> BatchedStep:
        if self._step is None:
            raise RuntimeError("no episode has started: call reset() first")
        return self._step

    def start(
        self,
        slots: Sequence[int],
        seeds: Sequence[int | None],
        options: Sequence[Mapping[str, Any]],
        rng: np.random.Generator,
    ) -> None:
        """Start the next episode of some robots; the others keep theirs.

        Args:
            slots: The robots, in ascending order; all of them the first time.
            seeds: For each of them, the seed of a suite to begin, or None.
            options: For each of them, its reset options.
            rng: Draws the seeds of suites that were never seeded.

        Raises:
            InputError: An option is unknown, or the renderer is not available on this machine.
        """
        worlds = {
            slot: self.trackers[slot].choose_world(seed, chosen, rng)
            for slot, seed, chosen in zip(slots, seeds, options, strict=True)
        }
        if len(worlds) == len(self.trackers):
            self._step = self._lockstep.reset(list(worlds.values()))
        else:
            self._step = self._lockstep.reset_slots(worlds)
        for slot in slots:
            self.trackers[slot].begin(self._step.states[slot])

    def step(self, actions: np.ndarray, live: np.ndarray) -> BatchOutcome:
        """Drive the live robots (n,) for one control period with actions (n, 3); nothing happens to the others.

        Raises:
            ValueError: An action is not three finite numbers.
        """
        if live.any():
            self._step = self._lockstep.step(Command.hold(actions), live)
        outcome = BatchOutcome(np.zeros(len(live)), np.zeros(len(live), bool), np.zeros(len(live), bool))
        for slot in np.flatnonzero(live).tolist():
            found = self.trackers[slot].advance(self._current.states[slot])
            outcome.rewards[slot], outcome.terminated[slot], outcome.truncated[slot] = found
        return outcome

    def observations(self) -> dict[str, np.ndarray]:
        """Return the present observations of all robots: pixels (n, h, w, 3), agent_pos (n, 6).

        The arrays are fresh after every step, but copy the pixels before you write to them if some robots start an
        episode without a step: the others keep their frames.
        """
        step = self._current
        return {"pixels": step.pixels, "agent_pos": np.stack([state.agent_pos for state in step.states])}

    def observation(self, slot: int) -> dict[str, np.ndarray]:
        """Return a copy of one robot's present observation: pixels (h, w, 3), agent_pos (6,)."""
        step = self._current
        return {"pixels": step.pixels[slot].copy(), "agent_pos": step.states[slot].agent_pos}

    def make_info(self, slot: int) -> dict[str, Any]:
        """Make one robot's present ``info``."""
        return self.trackers[slot].make_info(self._current.states[slot], self._lockstep.renderer.name)

    def get_attribute(self, slot: int, name: str, environment: object) -> Any:
        """Return an attribute of one robot's episodes, or else of the environment that they belong to."""
        tracker = self.trackers[slot]
        return getattr(tracker if hasattr(tracker, name) else environment, name)

    def set_attribute(self, slot: int, name: str, value: Any) -> None:
        """Set an attribute of one robot's episodes.

        Raises:
            InputError: They have none of this name.
        """
        if not hasattr(self.trackers[slot], name):
            raise InputError(f"an environment has no attribute '{name}' that could be set")
        setattr(self.trackers[slot], name, value)

    def render(self) -> list[np.ndarray]:
        """Render each robot from behind and above, (480, 640, 3) uint8."""
        shots = [_make_film_shot(simulation) for simulation in self._lockstep.simulations]
        return [image.rgb for image in self._lockstep.renderer.render(shots)]

    def close(self) -> None:
        """Close the physics clients and the renderer; repeated calls have no effect."""
        self._lockstep.close()


def stack_infos(infos: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Stack infos with equal keys as Gymnasium's ``VectorEnv._add_info`` does: numbers, arrays, and anything else."""
    stacked: dict[str, Any] = {}
    for key, first in infos[0].items():
        values = [info[key] for info in infos]
        if isinstance(first, int | float | np.ndarray):
            stacked[key] = np.array(values)
        else:
            stacked[key] = np.empty(len(values), object)
            stacked[key][:] = values
        stacked[f"_{key}"] = np.ones(len(values), bool)
    return stacked


def _make_film_shot(simulation: Simulation) -> Shot:
    height, width = FILM_SIZE
    world, view = simulation.world, third_person_view(simulation)
    return Shot(simulation.client, view, width, height, world.light, world.background, high_quality=True)
