"""Ensembles: the weighted mean of several policies' actions for the same observation."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from torch import nn

from policies.inference.network_policy import NetworkPolicy
from policies.inference.runtime import apply_runtime
from policies.inference.weights import hash_networks
from policies.policy import InferenceRuntime, ObservationBatch, Policy, PolicySpec, ShareablePolicy
from scenarios.common.errors import InputError


class EnsemblePolicy:
    """Policy that averages its members' actions.

    The absolute error is convex, so the mean's error never exceeds the weighted mean of the members' errors.

    Args:
        members: The policies.
        weights: One per member, all positive, summing to 1.
        name: Name of the ensemble.

    Raises:
        InputError: The weights are invalid, or the members don't match each other.
    """

    def __init__(self, members: Sequence[Policy], weights: Sequence[float], name: str) -> None:
        if not members or len(members) != len(weights):
            raise InputError(
                f"ensemble '{name}' has {len(members)} members and {len(weights)} weights: give one weight per member"
            )
        if min(weights) <= 0.0 or not math.isclose(sum(weights), 1.0):
            raise InputError(f"ensemble '{name}' has weights {list(weights)}: they must be positive and sum to 1")
        self.members = tuple(members)
        self.weights = tuple(weights)
        specs = [member.spec for member in members]
        self.spec = PolicySpec(
            name=name,
            image_size=_agreed(name, "image sizes", [spec.image_size for spec in specs if spec.image_size]),
            period_s=_agreed(name, "periods", [spec.period_s for spec in specs]),
            hold_action=(0.0, 0.0, 0.0),
            history=0,
            action=_agreed(name, "formats of actions", [spec.action for spec in specs]),
            observation=_agreed(name, "formats of observations", [spec.observation for spec in specs]),
            privileged=any(spec.privileged for spec in specs),
            parameters=sum(spec.parameters for spec in specs),
            runtime=_runtimes(members),
        )

    @property
    def networks(self) -> tuple[nn.Module, ...]:
        """The torch networks of all members, as one module."""
        return (
            nn.ModuleList(n for m in self.members if isinstance(m, NetworkPolicy | EnsemblePolicy) for n in m.networks),
        )

    @cached_property
    def weights_sha256(self) -> str | None:
        return hash_networks(self.networks)

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        for member in self.members:
            apply_runtime(member, runtime)
        self.spec = replace(self.spec, runtime=_runtimes(self.members))

    def share(self) -> EnsemblePolicy:
        twin = copy.copy(self)
        twin.members = tuple(member.share() for member in self.members if isinstance(member, ShareablePolicy))
        if len(twin.members) < len(self.members):
            raise InputError(f"ensemble '{self.spec.name}' has members that can't share their weights")
        return twin

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for member in self.members:
            member.reset(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        actions = np.stack([member.act(batch) for member in self.members])  # (members, n, 3)
        return np.tensordot(np.asarray(self.weights), actions, axes=1).astype(np.float32)


def _agreed(name: str, what: str, values: Sequence[Any]) -> Any:
    """Return the value that all members share; None if no member has one."""
    if len(set(values)) > 1:
        found = ", ".join(str(value) for value in dict.fromkeys(values))
        raise InputError(f"ensemble '{name}' has members of different {what}: {found}")
    return values[0] if values else None


def _runtimes(members: Sequence[Policy]) -> str:
    return ", ".join(dict.fromkeys(member.spec.runtime for member in members if member.spec.runtime))
