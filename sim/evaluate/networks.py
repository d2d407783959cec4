"""The torch networks that a policy consists of, wherever it keeps them."""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

MOST_OBJECTS = 100_000  # that are looked through: a policy may hold a replay buffer
PLAIN = (str, bytes, int, float, complex, type, ModuleType, type(None))  # hold no network


def find_networks(policy: object) -> list[nn.Module]:
    """Find the networks of a policy: itself, or those in its attributes, nested objects, containers and functions.

    A network inside another one isn't listed; torch isn't imported.
    """
    if "torch" not in sys.modules:  # then there is none
        return []
    from torch import nn

    found: list[nn.Module] = []
    waiting, seen = deque([policy]), {id(policy)}
    while waiting and len(seen) < MOST_OBJECTS:
        each = waiting.popleft()
        if isinstance(each, nn.Module):
            found.append(each)
            continue
        for part in _parts(each):
            if id(part) not in seen and not isinstance(part, PLAIN):
                seen.add(id(part))
                waiting.append(part)
    return _outermost(found)


def _outermost(networks: Iterable[nn.Module]) -> list[nn.Module]:
    networks = list(networks)
    inner = {id(module) for network in networks for module in network.modules() if module is not network}
    return [network for network in networks if id(network) not in inner]


def _parts(each: object) -> Iterator[Any]:
    """What an object refers to, as far as it may hold a network."""
    if isinstance(each, Mapping):
        yield from each.values()
    elif isinstance(each, list | tuple | set | frozenset):
        yield from each
    elif isinstance(each, functools.partial):
        yield from (each.func, *each.args, *each.keywords.values())
    elif isinstance(each, MethodType):
        yield each.__self__
    elif isinstance(each, FunctionType):
        yield from (cell.cell_contents for cell in each.__closure__ or () if _is_filled(cell))
    elif type(each).__module__.split(".")[0] not in ("numpy", "torch"):
        yield from getattr(each, "__dict__", {}).values()
        yield from (getattr(each, name) for name in _slots(each) if hasattr(each, name))


def _slots(each: object) -> list[str]:
    named = (getattr(kind, "__slots__", ()) for kind in type(each).__mro__)
    return [name for names in named for name in ((names,) if isinstance(names, str) else names)]


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  an empty cell raises
    except ValueError:
        return False
    return True


@contextmanager
def evaluation_mode(networks: Iterable[nn.Module]) -> Iterator[None]:
    """Put networks into evaluation mode; at the end each of their modules has its own mode again."""
    modules = [module for network in networks for module in network.modules()]
    before = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        yield
    finally:
        for module, training in zip(modules, before, strict=True):
            module.training = training
