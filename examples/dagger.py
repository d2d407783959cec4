"""DAgger with a network of your own: the expert drives first, then the network, and the expert says what was right.

The network and the data are tiny, so that all of it takes less than a minute: hundreds of episodes would be needed to
drive well. Yours may be any: all that ``run_dagger`` asks for is a function from data sets to a policy.

Run: python examples/dagger.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from policies.dataset.episodes import open_dataset
from policies.policy import ObservationBatch, PolicySpec
from sim.training import DaggerRound, HeldOutEpisodes, run_dagger

OUT = Path("data/dagger")
IMAGE_SIZE = (48, 48)
ROUNDS, EPISODES, EPOCHS = 3, 12, 15
STATE_SCALE = (1.0, 1.0, 1.0, 0.2, 0.5, 1.0)  # of velocity and odometry: makes all about as large as 1


def to_inputs(pixels: np.ndarray, agent_pos: np.ndarray) -> torch.Tensor:
    """Turn frames (n, 48, 48, 3) and states (n, 6) into inputs (n, 438): a coarse picture, and the state."""
    planes = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255.0
    coarse = nn.functional.avg_pool2d(planes, 4).flatten(1)
    return torch.cat([coarse, torch.from_numpy(agent_pos) * torch.tensor(STATE_SCALE)], dim=1)


class TinyPolicy:
    """Drives with a small perceptron."""

    def __init__(self, network: nn.Module, name: str) -> None:
        self.network = network
        self.spec = PolicySpec(name, IMAGE_SIZE, period_s=0.1, hold_action=(0.0, 0.0, 0.0))

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Start episodes. This policy remembers nothing and doesn't listen."""

    def act(self, batch: ObservationBatch) -> np.ndarray:
        """Return (n, 3) actions in [-1, 1]."""
        assert batch.pixels is not None
        with torch.inference_mode():
            actions: np.ndarray = self.network(to_inputs(batch.pixels, batch.agent_pos)).numpy()
        return actions


def train(datasets: Sequence[Path]) -> TinyPolicy:
    """Clone the expert's actions in all states of these data sets."""
    torch.manual_seed(len(datasets))
    episodes = [episode for folder in datasets for episode in open_dataset(folder)]
    inputs = torch.cat([to_inputs(episode.pixels, episode.agent_pos) for episode in episodes])
    labels = torch.cat([torch.from_numpy(episode.actions) for episode in episodes])
    network = nn.Sequential(nn.Linear(inputs.shape[1], 64), nn.ReLU(), nn.Linear(64, 3), nn.Tanh())
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(inputs)).split(64):
            loss = nn.functional.smooth_l1_loss(network(inputs[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return TinyPolicy(network, f"tiny-{len(datasets)}")


def report(done: DaggerRound) -> None:
    """Print what a round drove."""
    ends = ", ".join(f"{count} {status}" for status, count in done.recording.statuses.items())
    print(f"round {done.number}: {done.driver} drove {ends}; {done.recording.frames} frames")


def main() -> None:
    """Run DAgger, and drive the last policy through held-out episodes."""
    result = run_dagger(None, train, rounds=ROUNDS, episodes=EPISODES, out=OUT, image_size=IMAGE_SIZE, on_round=report)
    held_out = HeldOutEpisodes("corridor", episodes=10)
    rate = held_out.drive(result.policy).success
    held_out.close()
    print(f"{result.policy.spec.name}: {rate.k} of {rate.n} held-out episodes ({rate.low:.0%} to {rate.high:.0%})")


if __name__ == "__main__":
    main()
