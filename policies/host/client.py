"""A policy in a host, as the simulation sees it."""

from __future__ import annotations

import contextlib
import mmap
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Protocol

import numpy as np

from policies.formats.observation_format import to_dictionary
from policies.formats.world_format import format_worlds
from policies.host.call import HostCall
from policies.host.process import HostAddress, HostProcess, HostRequest, limit_reload
from policies.host.shared_memory import make_shared_memory
from policies.host.standalone.failures import escape_text
from policies.host.supervised import END_S
from policies.policy import (
    DEFAULT_RUNTIME,
    InferenceRuntime,
    ObservationBatch,
    PolicyFaultError,
    PolicyUnavailableError,
    PrivilegedState,
)
from policies.specs.spec_file import default_spec
from scenarios.common.errors import InputError
from scenarios.world import World

TIMEOUT_S = 60.0


class HostOwner(Protocol):
    """Whoever started the host: this process, or the parent of all workers."""

    address: HostAddress
    is_shared: bool
    """True if others ask the same host."""

    def count_users(self) -> int:
        """Return how many ask the same host now, this client included."""
        ...

    def report_loss(self, is_hanging: bool) -> str:
        """End the host, unless it has ended; describe how it did."""
        ...

    def restart(self) -> None:
        """Start another host with the same policy, for this client alone.

        Raises:
            InputError: It can't be loaded any more.
        """
        ...

    def close(self) -> None:
        """Give the host back, or end it."""
        ...


class OwnHost:
    """A host that this process started, for itself alone.

    Raises:
        InputError: The policy can't be loaded.
    """

    is_shared = False

    def __init__(self, request: HostRequest) -> None:
        self._process = HostProcess(request)
        self.address = self._process.address

    def count_users(self) -> int:
        return 1

    def report_loss(self, is_hanging: bool) -> str:
        cause = self._process.describe_end(0.0 if is_hanging else END_S)
        self._process.close()
        return cause

    def restart(self) -> None:
        self._process.close()
        self._process = HostProcess(self._process.request, limit_reload(self._process.load_s, TIMEOUT_S))
        self._process.check_same(self.address)
        self.address = self._process.address

    def close(self) -> None:
        self._process.close()


class HostedPolicy:
    """Policy that lives in a host. Whatever it does there, it ends at most its own episodes.

    Attributes:
        spec: What the policy declared when it was loaded.
        weights_sha256: Hash of its weights.
        seed: For the global generators of its process, set anew at the next reset; None to let them go on.
        on_wait: Called every second while others are answered first.

    Args:
        owner: Who started the host.
        timeout_s: Time for a call; waiting behind other sessions isn't counted.
    """

    def __init__(self, owner: HostOwner, timeout_s: float = TIMEOUT_S) -> None:
        self._owner, self._timeout_s = owner, timeout_s
        self.spec = owner.address.spec
        self.weights_sha256 = owner.address.weights_sha256
        self.seed: int | None = None
        self.on_wait: Callable[[], None] = lambda: None
        self._instructions: dict[int, str] = {}
        self._link: socket.socket | None = None
        self._frames: mmap.mmap | None = None
        self._worlds: list[World] = []  # that the host knows
        self._is_lost = False  # the host, since it ended or was hanging

    @property
    def keeps_waiting_slots(self) -> bool:
        """Whether a slot that isn't live keeps its state, as ``policies.policy.ShareablePolicy`` promises."""
        return self._owner.address.shares

    @property
    def is_lost(self) -> bool:
        """Whether its process ended, and with it all episodes; the next reset, of all slots, begins in another one."""
        return self._is_lost

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        """Accept the device and precision that the host was started with, and refuse what is for our own networks."""
        for flag, value, usual in (
            ("--compile", runtime.compile, DEFAULT_RUNTIME.compile),
            ("--provider", runtime.provider, DEFAULT_RUNTIME.provider),
        ):
            if value != usual:
                raise InputError(f"policy '{self.spec.name}' runs its network itself: omit {flag} {value}")

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        if self._link is None:
            self._open(max(slots) + 1)
        self._instructions.update(zip(slots, instructions, strict=True))
        request = {"endpoint": "reset", "slots": list(slots), "instructions": list(instructions), "seed": self.seed}
        self.seed = None
        self._ask(request, self._timeout_s)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        if self._owner.address.infers:
            return self._infer(batch)
        request: dict[str, Any] = {"endpoint": "act", "agent_pos": batch.agent_pos, "live": batch.live}
        request |= {
            "pixels": self._share(batch.pixels),
            "truth": self._tell_truth(batch.truth if self.spec.privileged else None),
        }
        return _read_actions(self._ask(request, self._timeout_s))

    def _tell_truth(self, truth: Sequence[PrivilegedState] | None) -> dict[str, Any] | None:
        """Return what a policy that sees the true world is told: worlds only if they aren't those of the last call."""
        if truth is None:
            return None
        worlds, before = [state.world for state in truth], self._worlds
        self._worlds = worlds
        is_new = len(worlds) != len(before) or any(one is not other for one, other in zip(worlds, before, strict=True))
        return {
            "worlds": format_worlds(worlds) if is_new else None,
            "poses": np.stack([state.pose for state in truth]),
            "progress": [list(state.progress) for state in truth],
        }

    def _infer(self, batch: ObservationBatch) -> np.ndarray:
        """Ask for the live slots in turn, as a policy in openpi's way has no batch."""
        observations = [
            to_dictionary(
                self.spec.observation,
                None if batch.pixels is None else batch.pixels[slot],
                batch.agent_pos[slot],
                self._instructions.get(slot, ""),
            )
            if is_live
            else None
            for slot, is_live in enumerate(batch.live.tolist())
        ]
        return _read_actions(self._ask({"endpoint": "infer", "observations": observations}, self._timeout_s))

    def end_session(self) -> None:
        """End the session, so that the next one may have another number of slots."""
        self._disconnect()

    def close(self) -> None:
        """End the session, and give the host back."""
        self._disconnect()
        self._owner.close()

    def _open(self, slots: int) -> None:
        """Begin a session, in another host if the last one was lost."""
        if self._is_lost:
            try:
                self._owner.restart()
            except InputError as error:
                raise PolicyFaultError(f"its process can't be started again: {error}") from error
            self._is_lost = False
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._link.connect(self._owner.address.socket)
        except OSError:
            self._lose("its process ended", began=False)
        path = self._make_shared_memory(slots)
        try:
            self._ask({"endpoint": "open", "frames": path}, self._timeout_s)
        finally:
            if path is not None:
                os.unlink(path)  # both sides have it open, or it isn't needed any more

    def _make_shared_memory(self, slots: int) -> str | None:
        """Make a file of shared memory for the frames of ``slots`` slots; None where there is no room for it."""
        if self.spec.image_size is None or self._owner.address.infers:
            return None
        height, width = self.spec.image_size
        size = slots * self.spec.observation.frames * height * width * 3
        made = make_shared_memory(size)
        if made is None:
            return None
        self._frames, path = made
        return path

    def _share(self, pixels: np.ndarray | None) -> Any:
        """Put frames into the shared memory and return their shape; return them where there is none."""
        if pixels is None or self._frames is None or pixels.nbytes > len(self._frames):
            return pixels
        np.frombuffer(self._frames, np.uint8, pixels.nbytes).reshape(pixels.shape)[...] = pixels
        return list(pixels.shape)

    def _ask(self, request: dict[str, Any], limit_s: float) -> dict[str, Any]:
        """Send a request and return the answer.

        Raises:
            PolicyFaultError: The policy raised an error, ended its process, or didn't return in time.
            PolicyUnavailableError: The host ended before it began with this.
        """
        if self._link is None:
            raise PolicyFaultError("its process ended in the middle of the episode")
        call = HostCall(self._link, limit_s, self._owner.count_users, self.on_wait)
        try:
            answer = call.ask(request)
        except TimeoutError:
            self._lose(f"the policy did not return within {limit_s:g} s", call.began, is_hanging=True)
        except ValueError as error:
            self._lose(f"its process sent what isn't an answer ({error})", call.began, is_hanging=True)
        except (EOFError, OSError):
            self._lose("its process ended", call.began)
        if "error" in answer:
            raise PolicyFaultError(escape_text(str(answer["error"])))
        return answer

    def _lose(self, reason: str, began: bool, is_hanging: bool = False) -> NoReturn:
        """Give up the host, and raise the error for its loss."""
        was_shared = self._owner.is_shared
        self._disconnect()
        self._is_lost = True
        cause = self._owner.report_loss(is_hanging)
        said = reason if is_hanging else f"{reason} ({cause})"
        if began or not was_shared:
            raise PolicyFaultError(said)
        raise PolicyUnavailableError(f"the process of policy '{self.spec.name}' was lost: {said}")

    def _disconnect(self) -> None:
        if self._link is not None:
            with contextlib.suppress(OSError):
                self._link.close()
        self._link = self._frames = None
        self._worlds = []


class LostPolicy:
    """Stands for a policy that was loaded before and can't be loaded any more: its episodes end with the reason."""

    def __init__(self, name: str, reason: str) -> None:
        self.spec, self._reason = default_spec(name), reason

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        raise PolicyFaultError(f"it can't be loaded again: {self._reason}")

    def act(self, batch: ObservationBatch) -> np.ndarray:
        raise PolicyFaultError(f"it can't be loaded again: {self._reason}")


def _read_actions(answer: dict[str, Any]) -> np.ndarray:
    """Return the actions of an answer.

    Raises:
        PolicyFaultError: There are none.
    """
    actions = answer.get("actions")
    if not isinstance(actions, np.ndarray):
        raise PolicyFaultError("its process answered without actions: did it write to a connection that isn't its own?")
    return actions
