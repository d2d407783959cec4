"""The two flavours of the protocol: openpi's, and vLLM-Omni's at a path of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from policies.remote.access import VLLM_PATH
from policies.remote.messages import pack_message

INFER, RESET, ACT = "infer", "reset", "act"


@dataclass(frozen=True)
class Flavour:
    """What differs between the flavours.

    Attributes:
        path: Path of its address.
        idle_s: Time without a message after which a connection is closed; None for never.
        ends_with_error: True if an error closes the connection.
    """

    path: str
    idle_s: float | None
    ends_with_error: bool

    def encode_actions(self, actions: np.ndarray, timing: Mapping[str, float]) -> bytes:
        """Encode the answer to an observation."""
        if self.path == VLLM_PATH:
            return pack_message(actions)
        return pack_message({"actions": actions, "server_timing": dict(timing)})

    def encode_error(self, sentence: str) -> str | bytes:
        """Encode an error: text, or a map of the type "error"."""
        return pack_message({"type": "error", "message": sentence}) if self.path == VLLM_PATH else sentence


OPENPI = Flavour("/", None, ends_with_error=True)
VLLM = Flavour(VLLM_PATH, 30.0, ends_with_error=False)


def find_flavour(path: str) -> Flavour | None:
    """Return the flavour that is spoken at a path; None if there is none."""
    bare = path.partition("?")[0].rstrip("/") or "/"
    return next((flavour for flavour in (OPENPI, VLLM) if flavour.path == bare), None)
