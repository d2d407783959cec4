"""The global state of a process that a policy must leave alone: read, compared and put back."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

UNUSUAL_SEED = 907_354_121


class StatePart(NamedTuple):
    """One part of the global state.

    Attributes:
        name: Its name in findings.
        read: Returns its value, which can be compared.
        write: Puts a value back; None if nothing can.
    """

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object] | None


def read_state(parts: Callable[[], tuple[StatePart, ...]]) -> dict[str, Any]:
    """Read all parts that exist in this process: torch has a state only once it is imported."""
    return {part.name: part.read() for part in parts()}


def restore_changes(parts: Callable[[], tuple[StatePart, ...]], before: Mapping[str, Any]) -> list[str]:
    """Put back what has changed since ``before``; return the names of what had."""
    changed = []
    for part in parts():
        if part.name in before and part.read() != before[part.name]:
            changed.append(part.name)
            if part.write is not None:
                part.write(before[part.name])
    return changed


def list_random_states() -> tuple[StatePart, ...]:
    """List the global random generators."""
    parts = [
        StatePart("random", random.getstate, random.setstate),
        StatePart("numpy.random", _read_numpy_generator, _write_numpy_generator),
    ]
    if (torch := sys.modules.get("torch")) is not None:
        parts.append(
            StatePart(
                "torch",
                lambda: torch.get_rng_state().numpy().tobytes(),
                lambda state: torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8)),
            )
        )
    return tuple(parts)


def seed_generators() -> None:
    """Put all global generators into a state that no one else chooses, so that seeding them is a change."""
    random.seed(UNUSUAL_SEED)
    np.random.seed(UNUSUAL_SEED)  # noqa: NPY002
    if (torch := sys.modules.get("torch")) is not None:
        torch.random.default_generator.manual_seed(UNUSUAL_SEED)  # the processor's alone


def list_settings() -> tuple[StatePart, ...]:
    """List the settings of the process that change what other code does or computes."""
    parts = [
        StatePart("working folder", os.getcwd, os.chdir),
        StatePart("environment variables", lambda: dict(os.environ), _write_environment),
        StatePart("warning filters", lambda: list(warnings.filters), _write_warning_filters),
        StatePart("signal handlers", _read_signal_handlers, _write_signal_handlers),
        StatePart("NumPy's error handling", np.geterr, lambda state: np.seterr(**state)),
        StatePart("recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
        StatePart("standard output", lambda: (sys.stdout, sys.stderr), _write_output),
        StatePart("rounding of floats", _read_rounding, None),
    ]
    if (torch := sys.modules.get("torch")) is not None:
        parts += [
            StatePart("torch's default number type", torch.get_default_dtype, torch.set_default_dtype),
            StatePart("torch's number of threads", torch.get_num_threads, torch.set_num_threads),
            StatePart("torch's gradient mode", torch.is_grad_enabled, torch.set_grad_enabled),
            StatePart(
                "torch's deterministic mode",
                torch.are_deterministic_algorithms_enabled,
                torch.use_deterministic_algorithms,
            ),
        ]
    return tuple(parts)


def _read_numpy_generator() -> tuple[Any, ...]:
    name, keys, *rest = np.random.get_state()  # noqa: NPY002  this is the state that a policy may touch
    return (name, np.asarray(keys).tobytes(), *rest)


def _write_numpy_generator(state: tuple[Any, ...]) -> None:
    name, keys, *rest = state
    np.random.set_state((name, np.frombuffer(keys, np.uint32), *rest))  # noqa: NPY002


def _write_environment(variables: Mapping[str, str]) -> None:
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)


def _write_warning_filters(filters: list[Any]) -> None:
    warnings.resetwarnings()  # Python forgets what it has decided by the old ones
    kept: Any = warnings.filters  # a list, though its type only says a sequence
    kept[:] = filters


def _read_signal_handlers() -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _write_signal_handlers(handlers: Mapping[int, Any]) -> None:
    if threading.current_thread() is not threading.main_thread():  # Python allows it only there
        return
    for number, handler in handlers.items():
        if handler is not None and signal.getsignal(number) != handler:
            signal.signal(number, handler)


def _write_output(streams: tuple[Any, Any]) -> None:
    sys.stdout, sys.stderr = streams


def _read_rounding() -> tuple[float, float, float]:
    """Return sums that depend on the rounding mode, and a product that is 0 where denormal numbers are flushed."""
    half, tiny = np.float64(2.0**-53), np.full(1, 2.0**-1022)
    return float(np.float64(1.0) + half), float(np.float64(-1.0) - half), float((tiny * 0.5)[0])
