"""Evaluation of policies in closed loop: ``evaluate`` for Python, ``python -m sim.evaluate`` for the command line.

Names are imported at first use: a worker and ``--help`` need neither of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.evaluate.api.evaluation import evaluate
    from sim.evaluate.api.results import EvaluationResults

__all__ = ["EvaluationResults", "evaluate"]


def __getattr__(name: str) -> object:
    if name == "evaluate":
        from sim.evaluate.api.evaluation import evaluate

        return evaluate
    if name == "EvaluationResults":
        from sim.evaluate.api.results import EvaluationResults

        return EvaluationResults
    raise AttributeError(f"module 'sim.evaluate' has no attribute '{name}'")
