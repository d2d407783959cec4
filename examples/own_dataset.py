"""A data set of your own: record demonstrations, read them back, score policies on them.

Run: python examples/own_dataset.py
"""

from __future__ import annotations

from pathlib import Path

from policies.dataset.episodes import open_dataset
from policies.registry import make_policy
from sim.offline.score import score_policy
from sim.record.dataset import record_dataset
from sim.record.session import RecordingConfig

OUT = Path("data/own")


def main() -> None:
    """Record four episodes of the expert, and score two policies on them."""
    recorded = record_dataset(RecordingConfig("expert", "corridor", suite_seed=9952, episodes=4), OUT)
    print(f"{recorded.kept} episodes, {recorded.frames} frames, {recorded.left_out} left out")

    dataset = open_dataset(OUT)
    for demonstration in dataset:
        print(demonstration.instruction, demonstration.actions.shape)

    for name in ("hybrid", "straight"):
        errors = score_policy(make_policy(name), dataset).errors
        if errors is not None:
            print(f"{name}: MAE {errors.mae:.3f} ({errors.low:.3f} to {errors.high:.3f})")


if __name__ == "__main__":
    main()
