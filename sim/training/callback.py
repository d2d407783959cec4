"""A callback of Stable-Baselines3 that drives held-out episodes while a model learns."""

from __future__ import annotations

import time
from pathlib import Path

from stable_baselines3.common.callbacks import BaseCallback

from policies.sb3.model_policy import ModelPolicy
from scenarios.common.errors import InputError
from scenarios.common.splits import VALIDATION
from sim.training.held_out import HeldOutEpisodes, HeldOutResult
from sim.training.learning_curve import CurvePoint, LearningCurve

NAME = "model"


class EvaluationCallback(BaseCallback):
    """Drives held-out episodes every so many steps, and at the end of the training.

    They are driven without exploration noise, in the closed loop of ``sim.evaluate``. Success with its 95 % interval
    goes to the model's logger as ``eval/success``, ``eval/success_low`` and ``eval/success_high``, and to a file.
    Training itself is the same as without this callback.

    Attributes:
        results: By environment steps, the results of this training.

    Args:
        scenario: A family, a scenario file, or ``file.py:NAME``.
        episodes: Number of held-out episodes.
        every_steps: Environment steps from one evaluation to the next.
        seed: Seed of their suite. No robot may be trained on it; the default belongs to the validation split.
        curve: A CSV file for the learning curve, drawn beside it as an SVG file; an earlier one is continued.
        best: A zip for the model with the most successes so far.
        renderer: "gl", "gpu", "tiny" or "auto".

    Raises:
        InputError: An argument isn't possible.
    """

    def __init__(
        self,
        scenario: str = "corridor",
        episodes: int = 50,
        every_steps: int = 20_000,
        seed: int = VALIDATION.start,
        curve: Path | str | None = None,
        best: Path | str | None = None,
        renderer: str = "auto",
    ) -> None:
        super().__init__()
        if every_steps < 1:
            raise InputError(f"every_steps is {every_steps}: it must be at least 1")
        self.results: dict[int, HeldOutResult] = {}
        self._held_out = HeldOutEpisodes(scenario, episodes, seed, renderer)
        self._every_steps = every_steps
        self._curve = None if curve is None else LearningCurve(Path(curve))
        self._best = None if best is None else Path(best)
        self._last = 0

    def _on_training_start(self) -> None:
        self._check_seeds()
        self._last, self._began = self.num_timesteps, time.perf_counter()
        self._seconds_before = 0.0
        if self._curve is not None:
            self._curve.begin_at(self.num_timesteps)
            if self._curve.points:
                self._seconds_before = self._curve.points[-1].seconds

    def _on_step(self) -> bool:
        if self.num_timesteps - self._last >= self._every_steps:
            self._evaluate()
        return True

    def _on_training_end(self) -> None:
        if self.num_timesteps > self._last:
            self._evaluate()
        self._held_out.close()

    def _evaluate(self) -> None:
        self._last = self.num_timesteps
        result = self._held_out.drive(ModelPolicy(self.model, NAME))
        most = max(self._counts(), default=-1)
        self.results[self.num_timesteps] = result
        self._log(result)
        if self._curve is not None:
            seconds = self._seconds_before + time.perf_counter() - self._began
            self._curve.add(CurvePoint.of(self.num_timesteps, seconds, result))
        if self._best is not None and result.success.k > most:
            self.model.save(self._best)

    def _counts(self) -> list[int]:
        """Return the successes of earlier evaluations, those of an earlier part of this training included."""
        if self._curve is not None:
            return [point.successes for point in self._curve.points]
        return [result.success.k for result in self.results.values()]

    def _log(self, result: HeldOutResult) -> None:
        rate = result.success
        for name, value in (
            ("success", rate.rate),
            ("success_low", rate.low),
            ("success_high", rate.high),
            ("episodes", rate.n),
            ("mean_steps", result.mean_steps),
            ("seconds", result.seconds),
        ):
            self.logger.record(f"eval/{name}", value)
        self.logger.record("time/total_timesteps", self.num_timesteps, exclude="tensorboard")
        self.logger.dump(self.num_timesteps)

    def _check_seeds(self) -> None:
        """Raise ``InputError`` if a robot is trained on the held-out suite."""
        env = self.training_env
        if env.has_attr("suite_seed") and self._held_out.seed in env.get_attr("suite_seed"):
            raise InputError(
                f"the held-out episodes of seed {self._held_out.seed} are trained on: train on suites from 1000 to "
                "1999, and hold out one from 2000 to 2999"
            )
