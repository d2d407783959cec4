"""Training with the simulation in the loop: success on held-out episodes while a model learns, and DAgger."""

from sim.training.callback import EvaluationCallback
from sim.training.dagger import DaggerResult, DaggerRound, run_dagger
from sim.training.held_out import HeldOutEpisodes, HeldOutResult

__all__ = [
    "DaggerResult",
    "DaggerRound",
    "EvaluationCallback",
    "HeldOutEpisodes",
    "HeldOutResult",
    "run_dagger",
]
