"""Where the policies of a server's clients come from: its weights are in memory once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from policies.host.client import HostedPolicy
from policies.policy import (
    ObservationBatch,
    Policy,
    PolicyFaultError,
    PolicySpec,
    PolicyUnavailableError,
    PolicyWithWeights,
    ShareablePolicy,
)
from policies.remote.metadata import frame_shape
from policies.spec_checks import check_spec
from scenarios.common.errors import InputError
from scenarios.common.user_code import describe_failure


class BusyError(RuntimeError):
    """The policy serves somebody else, and can serve one client at a time only."""


class PolicySource:
    """Gives each client, or group of clients, a policy with episodes of its own.

    A ``ShareablePolicy`` is shared, and so is one in a host, where each client has a session. One without weights is
    cheap, and made anew. Any other serves one client at a time; it is loaded again where a client has another number of
    slots, which its first reset fixes.

    Args:
        make: Makes the policy.

    Raises:
        InputError: It can't be served.
    """

    def __init__(self, make: Callable[[], Policy]) -> None:
        self._make = make
        self._policy = make()
        self._slots: int | None = None  # of the policy, if it can't be shared; None before its first client
        self.spec: PolicySpec = check_spec(self._policy.spec)
        if self.spec.privileged:
            raise InputError(f"policy '{self.spec.name}' sees the true world, which no client can send")
        self.weights_sha256 = self._policy.weights_sha256 if isinstance(self._policy, PolicyWithWeights) else None
        hosted = self._policy if isinstance(self._policy, HostedPolicy) else None
        self.is_shareable = isinstance(self._policy, ShareablePolicy) or (
            hosted is not None and hosted.keeps_waiting_slots
        )
        self._is_lent = False

    def try_out(self, slots: int) -> int:
        """Ask the policy for actions on grey frames, and return how many an answer has.

        What it compiles, loads or tries at its first call for a number of live slots is ready then.

        Raises:
            InputError: It can't answer.
        """
        policy = self.take(slots)
        shape = None if self.spec.image_size is None else (slots, *frame_shape(self.spec))
        pixels = None if shape is None else np.full(shape, 128, np.uint8)
        states = np.zeros((slots, len(self.spec.observation.state)), np.float32)
        try:
            policy.reset(range(slots), ["go"] * slots)
            for count in range(slots, 0, -1):
                live = np.arange(slots) < count
                answer = split_chunks(policy.act(ObservationBatch(pixels, states, live)), slots)
        except (Exception, PolicyUnavailableError) as error:
            raise InputError(
                f"policy '{self.spec.name}' can't be served: its first call {describe_fault(error)}"
            ) from error
        self.give_back(policy)
        return answer.shape[1]

    def take(self, slots: int) -> Policy:
        """Return a policy for a client with as many slots.

        Raises:
            BusyError: It is lent, and can't be shared.
        """
        if isinstance(self._policy, ShareablePolicy):
            return self._policy.share()
        if isinstance(self._policy, HostedPolicy) or self.spec.parameters == 0:
            return self._make()
        if self._is_lent:
            raise BusyError(
                f"policy '{self.spec.name}' serves one client at a time: give it a method 'share' "
                "(policies.policy.ShareablePolicy) to serve more"
            )
        if self._slots not in (None, slots):
            del self._policy  # never two policies' weights at a time
            self._policy = self._make()
        self._is_lent, self._slots = True, slots
        return self._policy

    def give_back(self, policy: Policy) -> None:
        """Tell that the client that a policy was taken for has gone."""
        self._is_lent = False
        if isinstance(policy, HostedPolicy):
            policy.close()


def describe_fault(error: BaseException) -> str:
    """Describe an error of a policy that is served: the predicate of a sentence about it."""
    if isinstance(error, PolicyFaultError | PolicyUnavailableError):
        return f"failed: {error}"
    return f"raised {describe_failure(error)}"


def is_lost(policy: Policy) -> bool:
    """Return whether a policy's process ended, and with it the episodes of all its slots."""
    return isinstance(policy, HostedPolicy) and policy.is_lost


def split_chunks(answer: object, slots: int) -> np.ndarray:
    """Return what a policy answered as chunks, (n, c, k) float32.

    Raises:
        ValueError: It has another shape.
    """
    actions = np.asarray(answer, dtype=np.float32)
    if actions.ndim not in (2, 3) or len(actions) != slots or not actions.size:
        raise ValueError(f"act returned shape {actions.shape} for {slots} slots")
    return actions if actions.ndim == 3 else actions[:, None]
