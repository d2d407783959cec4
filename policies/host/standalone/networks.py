"""The torch networks of a policy: their hash, copies that share their weights, and where they are."""

from __future__ import annotations

import copy
import functools
import hashlib
import inspect
import sys
import types
from typing import Any

import numpy as np

from .failures import LONGEST_NAME, LoadError, describe_failure, escape_text


def find_networks(policy: Any) -> tuple[list[Any], bool]:
    """Find the torch networks of a policy, and whether it has functions that hold on to what a copy would have twice.

    A function's variables from around it stay those of the original when an object that refers to it is copied.
    """
    torch = sys.modules.get("torch")
    networks: list[Any] = []
    has_closures, waiting, seen = False, [policy], {}
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, (str, bytes, int, float, type, types.ModuleType, np.ndarray)):
            continue
        seen[id(value)] = value
        if torch is not None and isinstance(value, torch.nn.Module):
            networks.append(value)
        if isinstance(value, dict):
            waiting += list(value.values())
        elif isinstance(value, (list, tuple, set, frozenset)):
            waiting += list(value)
        elif isinstance(value, functools.partial):
            waiting += [value.func, *value.args, *value.keywords.values()]
        elif isinstance(value, types.MethodType):
            waiting.append(value.__self__)
        elif isinstance(value, types.FunctionType):
            has_closures = has_closures or bool(value.__closure__)
        elif hasattr(value, "__dict__") and not inspect.isroutine(value):
            waiting += list(vars(value).values())
    inner = {id(part) for network in networks for part in network.modules() if part is not network}
    return [network for network in networks if id(network) not in inner], has_closures


def hash_weights(policy: Any) -> str | None:
    """Return the sha256 of a policy's weights: what it says, or of its torch networks; None without any."""
    stated = getattr(policy, "weights_sha256", None)
    if isinstance(stated, str):
        return escape_text(stated)[:LONGEST_NAME]
    digest, seen = hashlib.sha256(), False
    for network in find_networks(policy)[0]:
        for name, tensor in sorted(network.state_dict().items()):
            seen = True
            digest.update(f"{name}/{tensor.dtype}/{tuple(tensor.shape)}".encode())
            flat = tensor.detach().cpu().contiguous().flatten()
            digest.update(flat.view(sys.modules["torch"].uint8).numpy())
    return digest.hexdigest() if seen else None


def count_parameters(policy: Any) -> int:
    """Count the parameters of a policy's torch networks, shared ones once."""
    sizes = {id(weight): weight.numel() for network in find_networks(policy)[0] for weight in network.parameters()}
    return sum(sizes.values())


def copy_policy(policy: Any) -> Any | None:
    """Copy a policy but its weights, which both use; None if it can't be copied.

    A method ``share`` of the policy's own comes first. Buffers of networks are copied, as they may hold a state.
    """
    try:
        if hasattr(policy, "share"):
            return policy.share()
        networks, has_closures = find_networks(policy)
        if has_closures:
            return None
        weights = [weight for network in networks for weight in network.parameters()]
        return copy.deepcopy(policy, {id(weight): weight for weight in weights})
    except BaseException:  # noqa: BLE001  locks, sessions of other libraries, somebody's code
        return None


def place_policy(policy: Any, device: str | None, dtype: str | None) -> None:
    """Move a policy's torch networks to a device and a number format; None: leave it.

    Raises:
        LoadError: It has none, or there is no such device here.
    """
    networks, _ = find_networks(policy)
    if not networks:
        if device not in (None, "cpu") or dtype not in (None, "fp32"):
            raise LoadError(
                "it has no torch network among its attributes that --device and --dtype could be for, and its class "
                "takes no argument 'device'"
            )
        return
    torch = sys.modules["torch"]
    kinds = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    try:
        for network in networks:
            if device is not None:
                network.to(device=torch.device(device))
            if dtype not in (None, "fp32"):
                network.to(dtype=kinds[dtype])
    except (RuntimeError, AssertionError, ValueError) as error:
        raise LoadError(f"device '{device}' is not available: {describe_failure(error)}") from None


def choose_device(device: str) -> str:
    """Return the device that is asked for, "auto" for the GPU if torch is loaded and has one.

    Raises:
        LoadError: torch is loaded and has no such device.
    """
    torch = sys.modules.get("torch")
    if device == "auto":
        return "cuda" if torch is not None and torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and torch is not None:
        count, number = torch.cuda.device_count(), int(device.partition(":")[2] or 0)
        if number >= count:
            raise LoadError(f"device '{device}' is not available: torch {torch.__version__} finds {count} GPUs here")
    return device


def describe_runtime(policy: Any) -> str:
    """Describe where a policy's first torch network is; empty without one."""
    for network in find_networks(policy)[0]:
        for weight in network.parameters():
            kind = str(weight.dtype).rpartition(".")[2]
            return f"torch {sys.modules['torch'].__version__}, {weight.device}, {kind}"
    return ""
