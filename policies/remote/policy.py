"""A policy that a server computes: ours, openpi's, vLLM-Omni's, or any other that speaks openpi's protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from policies.formats.observation_format import ObservationFormat
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, ObservationBatch, PolicySpec
from policies.remote.access import check_address
from policies.remote.answers import Answers, HoldRule
from policies.remote.connection import Server, ServerError
from policies.remote.foreign_server import ForeignServerConversation
from policies.remote.metadata import BODY_VELOCITY, IMAGE_KEY, PROMPT_KEY, STATE_KEY, ServerMetadata
from policies.remote.opening import EventLoop
from policies.remote.own_server import OwnServerConversation
from policies.spec_checks import check_spec
from policies.specs.waiting import WaitingRule
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE, CONTROL_PERIOD_S

USUAL = WaitingRule()


class Conversation(Protocol):
    """How a server is asked."""

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None: ...
    def act(self, batch: ObservationBatch) -> Answers: ...


class RemotePolicy:
    """Policy whose actions a server computes. Close it when you don't need it any more.

    Args:
        url: ``ws://HOST:PORT`` or ``wss://HOST:PORT``; of a vLLM-Omni server with the path
            ``/v1/realtime/robot/openpi``.
        spec: What the server's policy takes and answers. None for one of our servers, which says so itself, and for
            one that answers with body velocities and says its image size.
        token: Sent as ``Authorization: Api-Key TOKEN``.
        timeout_s: Time for an answer.
        connect_s: Time for a connection.
        stale_answers: How often in a row a slot's last action is held where an answer is late; then, and with 0 at
            once, it is an error.

    Raises:
        InputError: There is no such server, or it doesn't say what its policy takes, or something else than ``spec``.
    """

    def __init__(
        self,
        url: str,
        spec: PolicySpec | None = None,
        token: str | None = None,
        timeout_s: float = USUAL.timeout_s,
        connect_s: float = USUAL.connect_s,
        stale_answers: int = USUAL.stale_answers,
    ) -> None:
        check_address(url)
        server = Server(url, token, connect_s)
        self._loop = EventLoop()
        metadata = self._read_metadata(server)
        self.spec = choose_spec(url, spec, metadata)
        self.weights_sha256 = None if metadata.own is None else metadata.own.weights_sha256
        self._hold = HoldRule(stale_answers, timeout_s)
        self._conversation: Conversation
        if metadata.own is not None and spec is None:
            self._conversation = OwnServerConversation(server, self._loop, metadata, timeout_s)
        else:
            self._conversation = ForeignServerConversation(server, self._loop, self.spec, timeout_s)

    def _read_metadata(self, server: Server) -> ServerMetadata:
        """Connect once, before anything is driven."""

        async def connect_once() -> ServerMetadata:
            connection = await self._loop.connect(server)
            await connection.close()
            return connection.metadata

        try:
            return self._loop.run(connect_once())
        except ServerError as error:
            self._loop.close()
            raise InputError(str(error)) from error

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        """Refuse every runtime but the server's own."""
        if runtime != DEFAULT_RUNTIME:
            raise InputError(f"policy '{self.spec.name}' runs on its server: give {runtime.flags} there, or omit it")

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._hold.reset(slots)
        self._conversation.reset(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        return self._hold.apply(self._conversation.act(batch), self.spec.executed_actions)

    def close(self) -> None:
        """Close all connections."""
        self._loop.close()


def choose_spec(url: str, spec: PolicySpec | None, metadata: ServerMetadata) -> PolicySpec:
    """Return the spec of a server's policy: the given one, or what the server says.

    Raises:
        InputError: The server doesn't say enough, or contradicts the given spec.
    """
    if spec is not None:
        _check_agreement(url, check_spec(spec), metadata)
        return spec
    if metadata.own is not None:
        return replace(metadata.own.spec, name=url)
    says_enough = metadata.image_size is not None and metadata.action_horizon is not None
    if not says_enough or metadata.action_space != BODY_VELOCITY or metadata.action_dim != ACTION_SIZE:
        raise InputError(
            f"the server at {url} doesn't say what its policy takes and answers: describe it, with its image size, "
            "keys and action format"
        )
    horizon = metadata.action_horizon or 1
    return PolicySpec(
        name=url,
        image_size=metadata.image_size,
        period_s=CONTROL_PERIOD_S,
        hold_action=(0.0, 0.0, 0.0),
        chunk=horizon,
        replan=horizon,
        observation=ObservationFormat(pixels_key=IMAGE_KEY, state_key=STATE_KEY, instruction_key=PROMPT_KEY),
    )


def _check_agreement(url: str, spec: PolicySpec, metadata: ServerMetadata) -> None:
    """Check a given spec against what the server says.

    Raises:
        InputError: They differ.
    """
    for what, given, said in (
        ("images of (height, width)", spec.image_size, metadata.image_size),
        ("actions with this number of columns:", len(spec.action.columns), metadata.action_dim),
    ):
        if given is not None and said is not None and given != said:
            raise InputError(f"the server at {url} says that its policy has {what} {said}, its description {given}")
    if metadata.action_horizon is not None and spec.executed_actions > metadata.action_horizon:
        raise InputError(
            f"the server at {url} answers with {metadata.action_horizon} actions, and its description executes "
            f"{spec.executed_actions} of them"
        )
