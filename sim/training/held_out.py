"""Success of a policy on held-out episodes, driven in this process by the loop of ``sim.evaluate``."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from envs.camera.renderers import check_renderer
from envs.simulation.lockstep import Lockstep
from policies.policy import Policy
from scenarios.common.errors import InputError
from scenarios.common.splits import VALIDATION
from scenarios.lookup import get_scenario
from sim.analysis.rates import estimate_success
from sim.results.plan import BLOCK_EPISODES
from sim.results.summary.rates import SuccessRate
from sim.rollout.episode import POLICY_FAULT, Episode, Outcome
from sim.rollout.loop import rollout_episodes


@dataclass(frozen=True)
class HeldOutResult:
    """How a policy did on the held-out episodes."""

    success: SuccessRate
    """With Blaker's 95 % interval."""
    statuses: dict[str, int]
    """Number of episodes by how they ended."""
    mean_steps: float
    """Mean number of control steps of an episode."""
    seconds: float
    """Wall time."""
    outcomes: tuple[Outcome, ...]
    """Of each episode, in order."""


class HeldOutEpisodes:
    """The first episodes of a suite that nothing is trained on, always the same.

    They are driven in blocks, as ``python -m sim.evaluate --scenario NAME --seed SEED`` drives them.

    Args:
        scenario: A family, a scenario file, or ``file.py:NAME``.
        episodes: Number of episodes.
        seed: Seed of their suite; the default belongs to the validation split.
        renderer: "gl", "gpu", "tiny" or "auto".

    Raises:
        InputError: An argument isn't possible.
    """

    def __init__(
        self, scenario: str = "corridor", episodes: int = 50, seed: int = VALIDATION.start, renderer: str = "auto"
    ) -> None:
        if episodes < 1:
            raise InputError(f"{episodes} held-out episodes tell nothing: give at least 1")
        self._scenario = get_scenario(scenario)
        self.seed = seed
        self._episodes = [Episode(self._scenario.name, seed, number) for number in range(episodes)]
        check_renderer(renderer)
        self._renderer = renderer
        self._lockstep: Lockstep | None = None

    def drive(self, policy: Policy) -> HeldOutResult:
        """Drive them all with a policy; global random states stay as they are.

        Raises:
            InputError: The policy's spec doesn't fit the environment, it fails, or the renderer isn't available.
        """
        began, outcomes = time.perf_counter(), []
        self._lockstep = self._lockstep or Lockstep(BLOCK_EPISODES, self._renderer)
        for first in range(0, len(self._episodes), BLOCK_EPISODES):
            block = self._episodes[first : first + BLOCK_EPISODES]
            worlds = [self._scenario.world(self.seed, episode.number) for episode in block]
            outcomes += rollout_episodes(self._lockstep, policy, block, worlds)
        for outcome in outcomes:
            if outcome.status == POLICY_FAULT:
                raise InputError(f"policy '{policy.spec.name}' failed on a held-out episode: {outcome.error}")
        return HeldOutResult(
            success=estimate_success([outcome.status == "success" for outcome in outcomes]),
            statuses=dict(Counter(outcome.status for outcome in outcomes).most_common()),
            mean_steps=sum(outcome.steps for outcome in outcomes) / len(outcomes),
            seconds=time.perf_counter() - began,
            outcomes=tuple(outcomes),
        )

    def close(self) -> None:
        """Close the simulations and the camera, which the next drive opens anew; repeated calls have no effect."""
        if self._lockstep is not None:
            self._lockstep.close()
            self._lockstep = None
