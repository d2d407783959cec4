"""The interface between an evaluation and policies, which map observations to actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol, runtime_checkable

import numpy as np

from policies.formats.action_format import VELOCITY, ActionFormat
from policies.formats.observation_format import NATIVE, ObservationFormat
from scenarios.world import World


@dataclass(frozen=True)
class PolicySpec:
    """A policy's inputs and outputs, checked before the first episode; what differs from ours is converted.

    Attributes:
        name: As typed after ``--policy``.
        image_size: (height, width) of the frames that it takes, in pixels, which the camera renders; None if it takes
            none.
        period_s: Duration of each action in seconds; a multiple of the environment's control period.
        hold_action: Sent while there is no new action, (vx, vy, wz) in [-1, 1]. It deliberately has no default.
        history: Frames that it keeps per slot (1: only the current one; 0: an unbounded recurrent state).
        chunk: Actions that it predicts at a time.
        replan: Actions of a chunk that are executed before the next inference.
        plays_chunk: True if it plays its chunks itself: then it is asked for one action at a time.
        action: Format of its actions.
        observation: Format of its observations.
        privileged: True if it sees the true world (the expert); such a policy is an upper bound, not a competitor.
        parameters: Number of weights, for the results; 0 for scripted policies.
        runtime: The runtime of its network, e.g. "torch 2.13.0 eager"; empty without a network.
    """

    name: str
    image_size: tuple[int, int] | None
    period_s: float
    hold_action: tuple[float, float, float]
    history: int = 1
    chunk: int = 1
    replan: int = 1
    plays_chunk: bool = False
    action: ActionFormat = VELOCITY
    observation: ObservationFormat = NATIVE
    privileged: bool = False
    parameters: int = 0
    runtime: str = ""

    @property
    def executed_actions(self) -> int:
        """Actions of each answer that are executed."""
        return 1 if self.plays_chunk else self.replan


@dataclass(frozen=True)
class PrivilegedState:
    """The true state of one slot, for privileged policies only."""

    world: World
    pose: np.ndarray  # (3,) x m, y m, yaw rad, in the world's frame
    progress: tuple[float, ...] = ()  # metres along the route of each of the world's movers


@dataclass(frozen=True)
class ObservationBatch:
    """One observation of every slot, in slot order; the batch size is constant within a block.

    Attributes:
        pixels: (n, H, W, 3) uint8, RGB, or None if the policy's spec takes no image. With several frames of history,
            (n, frames, H, W, 3).
        agent_pos: (n, 6) float32: vx, vy (m/s), wz (rad/s) in the body frame; odometry x, y (m), yaw since the start.
            Order of colours, columns and normalisation are those of the spec's ``ObservationFormat``.
        live: (n,) bool; False where the slot's episode has ended (its action is ignored).
        truth: One entry per slot for privileged policies, else None.
    """

    pixels: np.ndarray | None
    agent_pos: np.ndarray
    live: np.ndarray
    truth: tuple[PrivilegedState, ...] | None = None


class PolicyFaultError(RuntimeError):
    """A failure of a policy that runs elsewhere. Its message says all: the error there, and its place."""


class PolicyUnavailableError(BaseException):
    """A policy that couldn't be asked for a reason that isn't its own: what it drove is to be driven again.

    It isn't an ``Exception``, as those are recorded as errors of the policy.
    """


class Policy(Protocol):
    """Anything that drives. The same object is scored offline and evaluated in closed loop."""

    @property
    def spec(self) -> PolicySpec:
        """Its inputs and outputs."""
        ...

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Start an episode in each of these slots and forget their earlier ones.

        The first call of a block names every slot, 0 to n - 1, and so sets the batch size.
        """
        ...

    def act(self, batch: ObservationBatch) -> np.ndarray:
        """Return actions for all slots, and advance each slot's own state by one step.

        They are (n, 3) float32 in [-1, 1], or what the spec's ``ActionFormat`` says; (n, c, 3) for a chunk of c.
        """
        ...


@runtime_checkable
class ShareablePolicy(Policy, Protocol):
    """A policy whose weights are in memory once, however many clients it answers, each at its own time.

    In ``act``, a slot that isn't live keeps its state, so that it can go on later.
    """

    def share(self) -> Policy:
        """Return a policy with the same weights and no episodes."""
        ...


def check_frames(batch: ObservationBatch, spec: PolicySpec) -> np.ndarray:
    """Return a batch's frames, for a policy that takes frames.

    Raises:
        ValueError: The batch has none.
    """
    if batch.pixels is None:
        raise ValueError(f"policy '{spec.name}' takes frames: a batch for it needs 'pixels'")
    return batch.pixels


@dataclass(frozen=True)
class InferenceRuntime:
    """The requested runtime of a network; the policy's ``spec.runtime`` describes the applied one.

    Attributes:
        provider: Execution provider of an ONNX file, a key of ``policies.inference.runtime.PROVIDERS``.
        compile: Compilation of a torch network: "none", "compile" (``torch.compile``), "export" (the program of
            ``torch.export``) or "graph" (a CUDA graph).
        device: Device of a torch network: "cpu", "cuda", "cuda:N" for one of several GPUs, or "auto" for the GPU if
            there is one.
        precision: Number format of a torch network's backbones, a key of ``policies.inference.runtime.PRECISIONS``.
            Heads and memories are always float32.
    """

    provider: str = "cpu"
    compile: str = "none"
    device: str = "cpu"
    precision: str = "fp32"

    @property
    def flags(self) -> str:
        """The command-line flags that requested it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        usual = {field.name: field.default for field in fields(self)}
        return " ".join(f"--{name} {value}" for name, value in values.items() if value != usual[name])


DEFAULT_RUNTIME = InferenceRuntime()


@runtime_checkable
class PolicyWithWeights(Policy, Protocol):
    """A policy with a network: its weights can be identified, and it can run in another runtime.

    A policy of your own that has both members is one, too.
    """

    @property
    def weights_sha256(self) -> str | None:
        """The sha256 of the loaded weights; None if it has none."""
        ...

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        """Run the network in another runtime.

        Raises:
            InputError: It doesn't support this runtime.
        """
        ...
