"""The policy under test, and what all checks of it share."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable
from functools import cached_property

from policies.check.contract.drive import (
    Announce,
    DrivePlan,
    DriveRecord,
    PolicyFailure,
    announce_nothing,
    drive_policy,
    measure_difference,
)
from policies.check.contract.samples import SampleEpisode
from policies.host.client import HostedPolicy
from policies.policy import Policy, PolicySpec
from scenarios.common.errors import InputError

SAME = 1e-4  # of an action's range: answers that differ by less are the same but for rounding
LOADING = "loading it"
MakePolicy = Callable[[], Policy]


class Bench:
    """A policy, and how to make another one of its kind; never two at a time.

    Args:
        policy: The policy.
        samples: Episodes to drive it through, at least two; the first ones fill the slots of the usual plan.
        slots: Size of the batch.
        make: Makes another one; None if that can't be done.
        announce: Called with what is called before each call of the policy, and with "" after it.

    Attributes:
        is_hosted: True if it lives in a host, where this process can't see what it does besides answering.
        remembers: True once it is known that its answers depend on earlier episodes: each drive then has a new one.
        is_random: True once it is known that equal inputs lead to different answers.
    """

    def __init__(
        self,
        policy: Policy,
        samples: tuple[SampleEpisode, ...],
        slots: int,
        make: MakePolicy | None = None,
        announce: Announce = announce_nothing,
    ) -> None:
        self._policy: Policy | None = policy
        self._make = make
        self.is_hosted = isinstance(policy, HostedPolicy)
        self._announce = announce_nothing if self.is_hosted else announce  # it limits its calls itself
        self.spec: PolicySpec = policy.spec
        self.samples, self.slots = samples, slots
        self.remembers = self.is_random = False

    @property
    def can_make(self) -> bool:
        """Whether another policy of the kind can be made."""
        return self._make is not None

    @property
    def usual_plan(self) -> DrivePlan:
        """Every slot with an episode of its own, as far as there are so many."""
        return self.plan(range(self.slots))

    def plan(self, numbers: range | list[int]) -> DrivePlan:
        """Return the plan that gives sample ``numbers[i]`` to slot i; numbers count round."""
        return DrivePlan(tuple(self.samples[number % len(self.samples)] for number in numbers))

    @cached_property
    def first(self) -> DriveRecord:
        """The record of the usual plan with the policy as it was given."""
        return self.drive(self.usual_plan)

    @cached_property
    def alone(self) -> DriveRecord:
        """The record of the first episode in a batch of one, by a new policy.

        Raises:
            PolicyFailure: It raised.
        """
        self.replace_policy()
        return self.drive(self.plan([0]))

    def drive(self, plan: DrivePlan, keep_policy: bool = False) -> DriveRecord:
        """Drive the policy.

        Args:
            plan: What to give to it.
            keep_policy: Drive the same one as before, even if it remembers.

        Raises:
            PolicyFailure: It raised.
        """
        if self._policy is None or (self.remembers and not keep_policy):
            self.replace_policy()
        assert self._policy is not None
        return drive_policy(self._policy, plan, self._announce)

    def replace_policy(self) -> None:
        """Go on with a new policy of the kind.

        Raises:
            PolicyFailure: It can't be made again.
        """
        assert self._make is not None
        if callable(close := getattr(self._policy, "close", None)):  # a connection to a server has one
            with contextlib.suppress(Exception):
                close()
        self._policy = None
        gc.collect()
        self._announce(LOADING)
        try:
            self._policy = self._make()
        except InputError as error:
            raise PolicyFailure(f"another one, as for a batch of another size, can't be made: {error}") from error
        finally:
            self._announce("")

    def differs_in_slot(self, record: DriveRecord, slot: int = 0) -> float:
        """Return by how much a slot's answers differ from those of the first drive."""
        return measure_difference([a[slot] for a in record.answers], [a[slot] for a in self.first.answers])
