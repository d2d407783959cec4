"""How long a policy server is waited for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from policies.specs.data_node import DataNode

LONGEST_S = 3600.0
MOST_STALE = 1000


class WaitingRule(NamedTuple):
    """How long a policy server is waited for, and what a robot does meanwhile."""

    timeout_s: float = 30.0  # below the time after which an evaluation gives up a policy
    """Time for an answer."""
    connect_s: float = 10.0
    """Time for a connection."""
    stale_answers: int = 0
    """How often in a row a slot's last action is held where an answer is late; then, and with 0 at once, it is an
    error."""


def read_waiting_rule(node: DataNode) -> tuple[WaitingRule, DataNode | None]:
    """Read the rule out of a server's arguments, and return it with what is left: its spec, or None.

    Raises:
        InputError: The arguments are no mapping, or one of the rule's values is wrong.
    """
    entries = dict(node.entries("a policy server's arguments"))
    values: dict[str, Any] = {}
    for key in ("timeout_s", "connect_s"):
        if (given := entries.pop(key, None)) is not None:
            values[key] = given.number(f"'{key}'")
            if not 0.0 < values[key] <= LONGEST_S:
                raise given.error(f"'{key}' must be above 0 and at most {LONGEST_S:g} s, not {values[key]:g}")
    if (given := entries.pop("stale_answers", None)) is not None:
        values["stale_answers"] = given.whole("'stale_answers'")
        if not 0 <= values["stale_answers"] <= MOST_STALE:
            raise given.error(f"'stale_answers' must be 0 to {MOST_STALE}, not {values['stale_answers']}")
    return WaitingRule(**values), replace(node, value=entries) if entries else None
