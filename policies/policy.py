"""The contract between an evaluation and anything that turns observations into actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from scenarios.world import World


@dataclass(frozen=True)
class PolicySpec:
    """What a policy expects and gives, declared as data and compared with the environment before the first episode.

    Attributes:
        name: As typed after ``--policy``.
        image_size: (height, width) of the frames that it takes, in pixels; None if it looks at none.
        period_s: How long it expects each action to last. A whole multiple of the environment's control period.
        hold_action: What to send while no fresh action is there, (vx, vy, wz) in [-1, 1]. No default on purpose.
        history: Frames of history that it keeps per slot (1: only the present one; 0: an unbounded recurrent state).
        chunk: Actions that it predicts at a time (the first is executed).
        action_convention: Must equal the environment's; the only one so far is ``ACTION_CONVENTION``.
        privileged: True if it may look at the true world (the expert); such a policy is a ceiling, never a contestant.
        parameters: Number of weights; 0 for scripted policies.
        runtime: What computes its network, e.g. "torch 2.13.0 eager"; empty without a network.
    """

    name: str
    image_size: tuple[int, int] | None
    period_s: float
    hold_action: tuple[float, float, float]
    history: int = 1
    chunk: int = 1
    action_convention: str = "body-velocity"
    privileged: bool = False
    parameters: int = 0
    runtime: str = ""


ACTION_CONVENTION = "body-velocity"  # (vx, vy, wz), body frame, left +y, [-1, 1], see scenarios.robot


@dataclass(frozen=True)
class PrivilegedState:
    """The true state of one slot, for privileged policies only."""

    world: World
    pose: np.ndarray  # (3,) x m, y m, yaw rad, in the world's frame
    progress: tuple[float, ...] = ()  # metres along the route of each of the world's movers


@dataclass(frozen=True)
class ObservationBatch:
    """One observation of every slot, in slot order; its size never changes within a block.

    Attributes:
        pixels: (n, H, W, 3) uint8, RGB, or None if the policy's spec takes no image.
        agent_pos: (n, 6) float32: vx, vy (m/s), wz (rad/s) in the body frame; odometry x, y (m), yaw since the start.
        live: (n,) bool; False where the slot's episode has ended (its answer is ignored).
        truth: One entry per slot for privileged policies, else None.
    """

    pixels: np.ndarray | None
    agent_pos: np.ndarray
    live: np.ndarray
    truth: tuple[PrivilegedState, ...] | None = None


class Policy(Protocol):
    """Anything that drives. The same object is scored offline and driven in closed loop."""

    @property
    def spec(self) -> PolicySpec: ...

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Start an episode in each of these slots, forgetting whatever they held.

        The first call of a block names every slot, 0 to n - 1, and so fixes the batch size.
        """
        ...

    def act(self, batch: ObservationBatch) -> np.ndarray:
        """Answer (n, 3) float32 actions in [-1, 1] for all slots, and advance each slot's own state by one step."""
        ...


def check_frames(batch: ObservationBatch, spec: PolicySpec) -> np.ndarray:
    """Return a batch's frames, for a policy that takes some.

    Raises:
        ValueError: there are none.
    """
    if batch.pixels is None:
        raise ValueError(f"policy '{spec.name}' takes frames: a batch for it needs 'pixels'")
    return batch.pixels


@dataclass(frozen=True)
class InferenceRuntime:
    """By what a network is to be computed; what was applied stands in the policy's ``spec.runtime``.

    Attributes:
        provider: What ONNX Runtime computes an ONNX file with, a key of ``policies.inference.runtime.PROVIDERS``.
        compile: What becomes of a torch network: "none" (as it is), "compile" (``torch.compile``) or "export"
            (the program that ``torch.export`` makes of it).
    """

    provider: str = "cpu"
    compile: str = "none"

    @property
    def flags(self) -> str:
        """What of it was asked for on purpose, as typed."""
        provider = "" if self.provider == DEFAULT_RUNTIME.provider else f"--provider {self.provider}"
        return provider or f"--compile {self.compile}"


DEFAULT_RUNTIME = InferenceRuntime()


@runtime_checkable
class PolicyWithWeights(Policy, Protocol):
    """A policy with a network: its weights can be told apart, and computed in another form.

    A policy of your own that has both members is one, too.
    """

    @property
    def weights_sha256(self) -> str | None:
        """A sha256 of the weights as they were loaded; None if it turns out to have none."""
        ...

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        """Compute the network in another form.

        Raises:
            InputError: it can't be computed so.
        """
        ...
