"""The process of a policy host: loads somebody's policy and answers the simulations that ask it.

This file is all that the process needs of this project: it runs as a script on Python 3.9 or later, with the standard
library and NumPy, in the environment, working folder and imports of whoever wrote the policy.

A message is 4 bytes of length, big-endian, and a map in MessagePack; arrays are encoded as openpi does. A connection is
a session, with slots and episodes of its own. Its requests, by "endpoint":

- "open" {frames: path of a file of shared memory, or nil} -> {}
- "reset" {slots, instructions, seed: of the global generators, or nil} -> {}
- "act" {agent_pos, live, pixels: an array, or the shape of what lies in the shared memory, or nil; truth: nil, or
  {worlds: text, or nil for those of the last call, poses, progress: of each world's movers}} -> {actions}
- "infer" {observations: a map for each slot, nil where it isn't live} -> {actions}

The host sends {"began": true} when it begins to compute, since requests wait for each other, and then the answer, or
{"error": one line}; to all sessions {"loads": true} before it loads the policy again.

With {run: a module of this project, path: where to import it from} as the first message, the
process calls the module's main function with the connection and the message instead.

The weights of the policy are in memory once; each session has a copy of the rest.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # Linux's numbers


# The process and what it leaves behind


def supervise_host(parent: int) -> None:
    """Go on in a child process, and end it and all that it started when it or the process at the other end is gone.

    Args:
        parent: A pipe whose other end the process that started this one has open.
    """
    _call_prctl(PR_SET_CHILD_SUBREAPER, 1)  # what loses its parent becomes a child of this process
    this = os.getpid()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        _call_prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != this:
            os._exit(1)
        return
    threading.Thread(target=_kill_after, args=(parent, child), daemon=True).start()
    _, status = os.waitpid(child, 0)
    _end_descendants(child)
    if os.WIFSIGNALED(status):
        _end_by_signal(os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _call_prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _kill_after(parent: int, child: int) -> None:
    """Kill a child process when the other end of a connection is closed."""
    with contextlib.suppress(OSError):
        while os.read(parent, 1):
            pass
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


def _end_descendants(group: int) -> None:
    """Kill a group of processes, and on Linux all that was left to this process as their parent."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    if sys.platform != "linux":
        return
    while children := _list_children():
        for child, its_group in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if its_group != os.getpgrp():  # at once: one by one, they could start others faster than they are ended
                    os.killpg(its_group, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def _list_children() -> list[tuple[int, int]]:
    """The children of this process and their groups."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/stat", "rb") as file:
                parent, group = map(int, file.read().rpartition(b")")[2].split()[1:3])
            if parent == os.getpid():
                found.append((int(name), group))
    return found


def _end_by_signal(number: int) -> None:
    """End as the child did, so that the cause can be told; without another core dump."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(1)


if __name__ == "__main__":
    supervise_host(int(sys.argv[1]))  # before anything is loaded that doesn't survive a fork

import copy  # noqa: E402
import functools  # noqa: E402
import hashlib  # noqa: E402
import importlib  # noqa: E402
import importlib.util  # noqa: E402
import inspect  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import mmap  # noqa: E402
import queue  # noqa: E402
import random  # noqa: E402
import re  # noqa: E402
import socket  # noqa: E402
import struct  # noqa: E402
import time  # noqa: E402
import types  # noqa: E402

import numpy as np  # noqa: E402

LENGTH = struct.Struct(">I")
LARGEST_MESSAGE = 2**29
LARGEST_DEPTH = 16
LARGEST_ANSWER = 2**22  # numbers
LONGEST_ERROR = 500
LOADING_SEED = 0
LONGEST_NAME = 200  # characters of the name and of the hash of the weights that a policy states
ARRAY_KINDS = "biuf"
NO_NUMBERS = "cmM"  # kinds of arrays that NumPy would convert: complex numbers, durations, dates
ARRAY_TYPE = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248]|f16)")  # names of types of arrays
SPEC_FIELDS = (
    *("name", "image_size", "period_s", "rate_hz", "hold_action", "history", "chunk", "replan", "plays_chunk"),
    *("action", "observation", "privileged", "parameters", "runtime"),
)
INSTALLED = ("site-packages", "dist-packages", f"python{sys.version_info[0]}.{sys.version_info[1]}")


# MessagePack: the part of it that the messages need


def pack_message(value: Any) -> bytes:
    """Encode a message: None, booleans, numbers, text, bytes, lists, maps and NumPy arrays of numbers.

    Raises:
        ValueError: It contains something else.
    """
    out = bytearray()
    _pack(value, out, 0)
    return bytes(out)


def _pack(value: Any, out: bytearray, depth: int) -> None:
    if depth > LARGEST_DEPTH:
        raise ValueError("a message is nested too deeply")
    if value is None:
        out.append(0xC0)
    elif isinstance(value, (bool, np.bool_)):
        out.append(0xC3 if value else 0xC2)
    elif isinstance(value, (int, np.integer)):
        try:
            out += struct.pack(">Bq", 0xD3, int(value))
        except struct.error:
            raise ValueError(f"the whole number {value} is too large") from None
    elif isinstance(value, (float, np.floating)):
        out += struct.pack(">Bd", 0xCB, float(value))
    elif isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace")  # lone surrogates, too
        out += struct.pack(">BI", 0xDB, len(text)) + text
    elif isinstance(value, (bytes, bytearray, memoryview)):
        out += struct.pack(">BI", 0xC6, len(value))
        out += value
    elif isinstance(value, np.ndarray):
        _pack_array(value, out, depth)
    elif isinstance(value, (list, tuple)):
        out += struct.pack(">BI", 0xDD, len(value))
        for item in value:
            _pack(item, out, depth + 1)
    elif isinstance(value, dict):
        out += struct.pack(">BI", 0xDF, len(value))
        for key, item in value.items():
            _pack(key, out, depth + 1)
            _pack(item, out, depth + 1)
    else:
        raise ValueError(f"a {type(value).__name__} can't be sent")


def _pack_array(array: np.ndarray, out: bytearray, depth: int) -> None:
    if array.dtype.kind not in ARRAY_KINDS:
        raise ValueError(f"an array of type {array.dtype} can't be sent")
    parts = {b"__ndarray__": True, b"data": array.tobytes(), b"dtype": array.dtype.str, b"shape": array.shape}
    _pack(parts, out, depth)


def unpack_message(data: bytes) -> Any:
    """Decode a message.

    Raises:
        ValueError: It isn't one.
    """
    try:
        value, end = _unpack(data, 0, 0)
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError, TypeError, MemoryError) as error:
        raise ValueError(f"a message is damaged: {error}") from None
    if end != len(data):
        raise ValueError("a message is longer than what it contains")
    return value


CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
NUMBERS = dict(zip(range(0xCA, 0xD4), (f">{code}" for code in "fdBHIQbhiq")))  # noqa: B905  Python 3.9 has no strict
SIZES = {  # of bytes, text, lists and maps
    **dict(zip((0xC4, 0xC5, 0xC6), (">B", ">H", ">I"))),  # noqa: B905
    **dict(zip((0xD9, 0xDA, 0xDB), (">B", ">H", ">I"))),  # noqa: B905
    **dict(zip((0xDC, 0xDD, 0xDE, 0xDF), (">H", ">I", ">H", ">I"))),  # noqa: B905
}
BYTES, TEXTS, LISTS, MAPS = (0xC4, 0xC5, 0xC6), (0xD9, 0xDA, 0xDB), (0xDC, 0xDD), (0xDE, 0xDF)


def _unpack(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > LARGEST_DEPTH:
        raise ValueError("a message is nested too deeply")
    code, at = data[at], at + 1
    if code < 0x80:
        return code, at
    if code >= 0xE0:
        return code - 0x100, at
    if code in CONSTANTS:
        return CONSTANTS[code], at
    if code in NUMBERS:
        form = NUMBERS[code]
        return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)
    if code in SIZES:
        size = struct.unpack_from(SIZES[code], data, at)[0]
        at += struct.calcsize(SIZES[code])
    else:
        size = code & (0x1F if 0xA0 <= code < 0xC0 else 0x0F)
    if 0xA0 <= code < 0xC0 or code in TEXTS or code in BYTES:
        content = data[at : at + size]
        if len(content) < size:
            raise ValueError("a message ends too early")
        return content if code in BYTES else content.decode("utf-8"), at + size
    if 0x90 <= code < 0xA0 or code in LISTS:
        return _unpack_list(data, at, size, depth)
    if 0x80 <= code < 0x90 or code in MAPS:
        return _unpack_map(data, at, size, depth)
    raise ValueError(f"a message contains the unknown type {code:#x}")


def _unpack_list(data: bytes, at: int, size: int, depth: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(size):
        item, at = _unpack(data, at, depth + 1)
        items.append(item)
    return items, at


def _unpack_map(data: bytes, at: int, size: int, depth: int) -> tuple[Any, int]:
    found: dict[Any, Any] = {}
    for _ in range(size):
        key, at = _unpack(data, at, depth + 1)
        found[key], at = _unpack(data, at, depth + 1)
    return (_to_array(found), at) if b"__ndarray__" in found else (found, at)


def _to_array(parts: dict[Any, Any]) -> np.ndarray:
    name, shape, content = str(parts.get(b"dtype")), parts.get(b"shape"), parts.get(b"data")
    if not ARRAY_TYPE.fullmatch(name) or not isinstance(content, bytes) or not isinstance(shape, list):
        raise ValueError("a message contains an array that isn't one of numbers")
    kind = np.dtype(name)  # NumPy parses other names as Python
    sides = [int(side) for side in shape]
    if any(side < 0 for side in sides) or math.prod(sides) * kind.itemsize != len(content):
        raise ValueError("a message contains an array whose shape doesn't fit its size")
    return np.frombuffer(content, kind).reshape(sides)


def encode_message(message: dict[str, Any]) -> bytes:
    """Return a message as it is sent, with its length."""
    data = pack_message(message)
    return LENGTH.pack(len(data)) + data


def send_message(link: socket.socket, message: dict[str, Any]) -> None:
    """Send a message."""
    link.sendall(encode_message(message))


def receive_message(link: socket.socket) -> dict[str, Any]:
    """Receive a message.

    The time limit of the connection, if it has one, is that of the whole message, however slowly it comes.

    Raises:
        EOFError: The other side is gone.
        TimeoutError: It isn't complete in time.
        ValueError: What came isn't a message.
    """
    limit_s = link.gettimeout()
    deadline = None if limit_s is None else time.monotonic() + limit_s
    try:
        (size,) = LENGTH.unpack(_receive_bytes(link, LENGTH.size, deadline))
        if size > LARGEST_MESSAGE:
            raise ValueError(f"a message of {size} bytes is too long")
        message = unpack_message(_receive_bytes(link, size, deadline))
    finally:
        link.settimeout(limit_s)
    if not isinstance(message, dict):
        raise ValueError("a message must be a map")
    return message


def _receive_bytes(link: socket.socket, size: int, deadline: float | None) -> bytes:
    content = bytearray()
    while len(content) < size:
        if deadline is not None:
            left_s = deadline - time.monotonic()
            if left_s <= 0.0:
                raise TimeoutError
            link.settimeout(left_s)
        part = link.recv(min(size - len(content), 2**20))
        if not part:
            raise EOFError
        content += part
    return bytes(content)


# Somebody's policy


class LoadError(Exception):
    """A policy that can't be loaded, in one sentence."""


class Batch:
    """One observation of every slot, as ``policies.policy.ObservationBatch`` has it."""

    def __init__(self, pixels: np.ndarray | None, agent_pos: np.ndarray, live: np.ndarray, truth: Any) -> None:
        self.pixels, self.agent_pos, self.live, self.truth = pixels, agent_pos, live, truth


def escape_text(text: str) -> str:
    """Return a text on one line, without characters that a terminal obeys or that can't be written."""
    line = " ".join(str.split(text))
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


def describe_failure(error: BaseException) -> str:
    """Describe an error of somebody's code in one line: its type, its message, and the file and line it comes from.

    The place is the last one outside installed packages; inside them if all of the code is installed.
    """
    try:
        name, message = escape_text(type(error).__name__[:LONGEST_ERROR]), _read_message(error)
        text = f"{name}: {message}"[:LONGEST_ERROR] if message else name
        place = _find_place(error)
    except BaseException:  # noqa: BLE001  its type may be made so that nothing can be asked of it
        return "an error that can't be described"
    return text if place is None else f"{text} ({place})"


def _read_message(error: BaseException) -> str:
    """Return what an error says, shortened; nothing if it fails to."""
    try:
        return escape_text(str.__getitem__(str(error), slice(4 * LONGEST_ERROR)))
    except BaseException:  # noqa: BLE001
        return ""


def _find_place(error: BaseException) -> str | None:
    """Return the file and line of somebody's code that an error comes from; None if there are none, or it says them."""
    step = vars(BaseException)["__traceback__"].__get__(error)  # whatever its class makes of this name
    frames = []
    while step is not None:
        frames.append((step.tb_frame.f_code.co_filename, step.tb_lineno))
        step = step.tb_next
    frames = [frame for frame in frames if frame[0] != __file__ and not frame[0].startswith("<frozen")]
    own = [frame for frame in frames if not any(part in frame[0].split(os.sep) for part in INSTALLED)]
    if isinstance(error, SyntaxError) or not frames:
        return None
    file, line = (own or frames)[-1]
    return f"{escape_text(os.path.basename(file))}:{line}"


def find_maker(target: str) -> Callable[..., Any]:
    """Import the class or function that ``file.py:NAME`` or ``module:NAME`` names.

    Raises:
        LoadError: It isn't there, or importing it fails.
    """
    home, _, name = target.rpartition(":")
    try:
        module = _import_file(home) if home.endswith(".py") else importlib.import_module(home)
    except BaseException as error:  # noqa: BLE001  somebody's code may raise anything
        raise LoadError(f"importing {home} failed: {describe_failure(error)}") from None
    if not hasattr(module, name):
        known = ", ".join(sorted(each for each in vars(module) if not each.startswith("_"))[:20])
        raise LoadError(f"there is no '{name}' in {home}: it has {known or 'nothing'}")
    maker = getattr(module, name)
    if not callable(maker):
        raise LoadError(f"'{name}' in {home} is a {type(maker).__name__}: name a class, or a function that makes one")
    return maker


def _import_file(path: str) -> Any:
    """Import a file, which can import the modules beside it as if it were run."""
    full = os.path.realpath(path)
    folder, name = os.path.dirname(full), os.path.splitext(os.path.basename(full))[0]
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(name, full)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def make_policy(maker: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Make a policy.

    Raises:
        LoadError: The arguments don't fit, making it fails, or what is made isn't a policy.
    """
    _check_arguments(maker, arguments)
    try:
        policy = maker(**arguments)
        missing = [part for part in ("spec", "reset", "act") if not hasattr(policy, part)]
        infers = all(hasattr(policy, part) for part in ("spec", "infer"))
    except BaseException as error:  # noqa: BLE001  somebody's code may raise anything
        raise LoadError(f"it can't be made: {describe_failure(error)}") from None
    if missing and not infers:
        raise LoadError(
            f"it makes a {type(policy).__name__} without {', '.join(missing)}: a policy has spec, reset and act, or "
            "spec and infer"
        )
    return policy


def _check_arguments(maker: Callable[..., Any], arguments: dict[str, Any]) -> None:
    try:
        parameters = inspect.signature(maker).parameters
    except (TypeError, ValueError):  # some classes of C have no signature
        return
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    known = [name for name, each in parameters.items() if each.kind in kinds]
    if not any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        unknown = [name for name in arguments if name not in known]
        if unknown:
            raise LoadError(f"it takes no argument '{unknown[0]}': it takes {', '.join(known) or 'none'}")
    needed = [name for name in known if parameters[name].default is inspect.Parameter.empty and name not in arguments]
    if needed:
        example = json.dumps({**arguments, **dict.fromkeys(needed, "…")}, ensure_ascii=False)
        raise LoadError(f"it needs the argument '{needed[0]}': give it by --policy-args '{example}'")


def takes_argument(maker: Callable[..., Any], name: str) -> bool:
    """Return whether a class or function has an argument of this name."""
    try:
        return name in inspect.signature(maker).parameters
    except (TypeError, ValueError):
        return False


def is_inferring(policy: Any) -> bool:
    """Return whether a policy is asked in openpi's way, one robot at a time."""
    return not hasattr(policy, "act")


def describe_spec(policy: Any) -> dict[str, Any]:
    """Return what a policy declares, as data.

    Raises:
        LoadError: It declares nothing, or what can't be sent.
    """
    try:
        declared = policy.spec
        values = _plain(_as_mapping(declared))
        values = json.loads(json.dumps(values))
        pack_message({"spec": values})
    except BaseException as error:  # noqa: BLE001  somebody's code may raise anything
        raise LoadError(f"its spec can't be read: {describe_failure(error)}") from None
    if not values or not isinstance(values, dict):
        raise LoadError(f"its spec is a {type(declared).__name__}: it must be a dictionary, or a PolicySpec")
    if isinstance(values.get("name"), str):
        values["name"] = escape_text(values["name"])[:LONGEST_NAME]
    return values


def _as_mapping(spec: Any) -> dict[str, Any]:
    """Return the entries of a spec: a dictionary, or any object with attributes."""
    if isinstance(spec, dict):
        return spec
    return {name: getattr(spec, name) for name in SPEC_FIELDS if hasattr(spec, name)}


def _plain(value: Any) -> Any:
    """Return a value as what JSON has; the fields of a dataclass that differ from its defaults as a dictionary."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "__dataclass_fields__"):
        fields = value.__dataclass_fields__.items()
        return {name: _plain(getattr(value, name)) for name, field in fields if getattr(value, name) != field.default}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def find_world_classes() -> tuple[Any, Any]:
    """Import what policies that see the true world are told it with: a slot's state, and a parser of worlds.

    Raises:
        LoadError: This package isn't there, or another one has its name.
    """
    try:
        state = importlib.import_module("policies.policy").PrivilegedState
        return state, importlib.import_module("policies.formats.world_format").parse_worlds
    except (ImportError, AttributeError) as error:
        raise LoadError(
            f"it declares that it sees the true world, whose classes can't be imported beside it: {error}; a package "
            "of its own with the name 'policies' or 'scenarios' hides them"
        ) from None


# Networks


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


# Sessions


class GlobalGenerators:
    """The states of the generators that all of a process draw from: Python's, NumPy's and torch's."""

    def __init__(self) -> None:
        self._python, self._numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
        self._torch = self._cuda = None
        if (torch := sys.modules.get("torch")) is not None:
            self._torch = torch.get_rng_state()
            self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None

    def restore(self) -> None:
        """Make these the present states."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)  # noqa: NPY002
        if self._torch is not None:
            sys.modules["torch"].set_rng_state(self._torch)
        if self._cuda is not None:
            sys.modules["torch"].cuda.set_rng_state_all(self._cuda)


def seed_generators(seed: int) -> None:
    """Seed all of them."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if (torch := sys.modules.get("torch")) is not None:
        torch.manual_seed(seed)


class Session:
    """One client: a connection, a policy object of its own, and the memory that its frames come through."""

    def __init__(self, link: socket.socket, generators: GlobalGenerators) -> None:
        self.link, self.generators = link, generators
        self.policy: Any = None
        self.frames: mmap.mmap | None = None
        self.worlds: tuple[Any, ...] = ()
        self.world_classes: tuple[Any, Any] | None = None  # found at the first request that needs them

    def attach(self, path: str | None) -> None:
        """Open the file of shared memory that the client writes its frames to."""
        if path is not None:
            with open(path, "rb") as file:
                self.frames = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def read_frames(self, pixels: Any) -> np.ndarray | None:
        """Return the frames of a request: an array that nobody else has."""
        if pixels is None or isinstance(pixels, np.ndarray):
            return None if pixels is None else pixels.copy()
        if self.frames is None:
            raise ValueError("there is no shared memory to take frames from")
        return np.frombuffer(self.frames, np.uint8, math.prod(pixels)).reshape(pixels).copy()

    def read_truth(self, told: dict[str, Any] | None) -> tuple[Any, ...] | None:
        """Return the true state of each slot, for a policy that sees it."""
        if told is None:
            return None
        if self.world_classes is None:
            self.world_classes = find_world_classes()
        state, parse_worlds = self.world_classes
        if told["worlds"] is not None:
            self.worlds = parse_worlds(told["worlds"])
        poses, progress = told["poses"], told["progress"]
        return tuple(state(*each) for each in zip(self.worlds, poses.copy(), map(tuple, progress)))  # noqa: B905


class Host:
    """Answers the sessions of a policy, one request at a time.

    Args:
        policy: The policy as it was loaded.
        make: Makes another one, for a policy that can't be copied.
    """

    def __init__(self, policy: Any, make: Callable[[], Any]) -> None:
        self._original, self._make = policy, make
        self._spare = policy  # for the first session, if it can't be copied
        self._is_warned = False
        self._generators = GlobalGenerators()
        self._last: Session | None = None  # whose generators' states are the present ones
        self._requests: queue.Queue[tuple[Session, dict[str, Any] | None]] = queue.Queue()
        self._sessions: list[Session] = []

    def listen(self, path: str) -> None:
        """Open the socket that clients connect to."""
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.bind(path)
        server.listen(128)
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        try:
            while True:
                link, _ = server.accept()
                link.settimeout(None)  # whatever the policy made the default
                session = Session(link, self._generators)
                self._sessions.append(session)
                threading.Thread(target=self._read, args=(session,), daemon=True).start()
        except BaseException as error:  # noqa: BLE001  the policy may have used up descriptors, threads and memory
            end_process(error)

    def _read(self, session: Session) -> None:
        try:
            while True:
                self._requests.put((session, receive_message(session.link)))
        except (EOFError, OSError, ValueError):  # the client is gone, or the policy wrote to its connection
            self._requests.put((session, None))
        except BaseException as error:  # noqa: BLE001
            end_process(error)

    def serve(self) -> None:
        """Answer until the process is ended. Somebody's code runs in this thread, the main one, alone."""
        this = os.getpid()
        while True:
            session, request = self._requests.get()
            if request is None:
                self._sessions.remove(session)
                session.policy = session.frames = None
                session.link.close()
                continue
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client is gone
                send_message(session.link, {"began": True})
                answer = self._answer(session, request)
                if os.getpid() != this:  # a child that the policy forked, which came back from its call, too
                    os._exit(0)
                send_message(session.link, answer)

    def _answer(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        answers = {"open": self._open, "reset": self._reset, "act": self._act, "infer": self._infer}
        try:
            self._switch_generators(session)
            return answers[request["endpoint"]](session, request)
        except BaseException as error:  # noqa: BLE001  somebody's code may raise anything, SystemExit included
            return {"error": describe_failure(error)}

    def _switch_generators(self, session: Session) -> None:
        """Let a session draw the same numbers whoever else asks."""
        if self._last is not session:
            if self._last is not None:
                self._last.generators = GlobalGenerators()
            session.generators.restore()
            self._last = session

    def _open(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        session.attach(request["frames"])
        session.policy = copy_policy(self._original)
        if session.policy is None:
            session.policy, self._spare = self._spare, None
        if session.policy is None:
            self._warn()
            for each in self._sessions:  # whoever waits for an answer waits for this
                with contextlib.suppress(OSError):
                    send_message(each.link, {"loads": True})
            session.policy = self._make()
        return {}

    def _warn(self) -> None:
        """Say once that memory is needed for each client."""
        if not self._is_warned:
            print(
                f"warning: a {type(self._original).__name__} can't be copied, so its weights are in memory once for "
                "each worker; a method share() that returns one with the same weights and no episodes prevents it",
                file=sys.stderr,
            )
        self._is_warned = True

    def _reset(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        if request["seed"] is not None:
            seed_generators(request["seed"])
        slots, instructions = request["slots"], request["instructions"]
        if not is_inferring(session.policy):
            session.policy.reset(slots, instructions)
        elif hasattr(session.policy, "reset"):
            session.policy.reset()
        return {}

    def _act(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        pixels, truth = session.read_frames(request["pixels"]), session.read_truth(request["truth"])
        batch = Batch(pixels, request["agent_pos"].copy(), request["live"].copy(), truth)
        return {"actions": read_answer(session.policy.act(batch), "act")}

    def _infer(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        return {"actions": infer_each(session.policy.infer, request["observations"])}


def infer_each(infer: Callable[[dict[str, Any]], Any], observations: Sequence[dict[str, Any] | None]) -> np.ndarray:
    """Ask ``infer`` for one robot after the other.

    Args:
        infer: In openpi's way: takes an observation, and returns ``{"actions": (chunk, columns)}``.
        observations: Of n robots, at least one of which is asked for; None for the others, whose actions are 0.

    Returns:
        (n, chunk, columns) float32.

    Raises:
        TypeError: It returned something else.
        ValueError: What it returned is too large to consist of actions.
    """
    answers: dict[int, np.ndarray] = {}
    for slot, seen in enumerate(observations):
        if seen is not None:
            answer = infer(copy_arrays(seen))
            if not hasattr(answer, "keys") or "actions" not in answer:
                raise TypeError(f"infer returned a {type(answer).__name__}, not a dictionary with 'actions'")
            actions = read_answer(answer["actions"], "infer")
            answers[slot] = actions[None] if actions.ndim == 1 else actions
    nothing = np.zeros_like(next(iter(answers.values())))
    return np.stack([answers.get(slot, nothing) for slot in range(len(observations))])


def copy_arrays(seen: dict[str, Any]) -> dict[str, Any]:
    """Return an observation, whose parts may be dictionaries, with arrays that nobody else has."""
    return {
        key: copy_arrays(value) if isinstance(value, dict) else value.copy() if isinstance(value, np.ndarray) else value
        for key, value in seen.items()
    }


def read_answer(answer: Any, call: str) -> np.ndarray:
    """Return the actions of an answer.

    Args:
        answer: What the policy returned.
        call: The call that did.

    Raises:
        TypeError: It is no array.
        ValueError: It is too large to consist of actions.
    """
    if answer is None or isinstance(answer, (dict, str, bytes)):
        raise TypeError(f"{call} returned a {type(answer).__name__}, not an array of actions")
    actions = np.asarray(answer)
    if actions.size > LARGEST_ANSWER:
        raise ValueError(f"{call} returned shape {actions.shape}, which is too large to be actions")
    if actions.dtype.kind in NO_NUMBERS or actions.dtype.names:
        raise TypeError(f"{call} returned an array of {actions.dtype}, not of numbers")
    return np.asarray(actions, dtype=np.float32)


# The main function


def load_host(options: dict[str, Any]) -> tuple[Host, dict[str, Any]]:
    """Load the policy; return its host, and what the parent is told.

    Raises:
        LoadError: It can't be loaded.
    """
    maker, arguments, device = find_maker(options["target"]), options["arguments"], options["device"]
    takes_device, takes_dtype = takes_argument(maker, "device"), takes_argument(maker, "dtype")
    device = device if device == "auto" and takes_device else choose_device(device)
    if takes_device:
        arguments.setdefault("device", device)
    if takes_dtype:
        arguments.setdefault("dtype", options["dtype"])

    def make() -> Any:
        seed_generators(LOADING_SEED)  # weights that are drawn are the same ones wherever it is loaded
        policy = make_policy(maker, arguments)
        place_policy(policy, None if takes_device else choose_device(device), None if takes_dtype else options["dtype"])
        for network in find_networks(policy)[0]:
            network.eval()
        return policy

    policy = make()
    spec = describe_spec(policy)
    if not spec.get("runtime") and (runtime := describe_runtime(policy)):
        spec["runtime"] = runtime
    if spec.get("privileged"):
        sys.path.append(options["project"])
        find_world_classes()
    weights = hash_weights(policy)
    told = {"spec": spec, "weights": weights, "infers": is_inferring(policy), "python": sys.version.split()[0]}
    told["shares"] = hasattr(policy, "share")
    return Host(policy, make), told


def main(parent: socket.socket) -> None:
    """Load the policy, tell the parent what it declares, and answer."""
    options = receive_message(parent)
    os.dup2(2, 1)  # what somebody's code prints is no message
    if "run" in options:  # this project's own code, which runs somebody's beside it
        sys.path[:] = options["path"]
        importlib.import_module(options["run"]).main(parent, options)
        os._exit(0)
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [os.getcwd(), *(path for path in sys.path if os.path.abspath(path) != folder)]
    options["arguments"] = json.loads(options["arguments"])
    this = os.getpid()
    try:
        host, told = load_host(options)
        if os.getpid() != this:  # a child that the policy forked
            os._exit(0)
        host.listen(options["socket"])
    except BaseException as error:  # noqa: BLE001  somebody's code may raise anything
        reason = str(error) if isinstance(error, LoadError) else f"it can't be loaded: {describe_failure(error)}"
        send_message(parent, {"error": reason})
        os._exit(1)
    send_message(parent, told)
    host.serve()


def end_process(error: BaseException) -> None:
    """End the process, whatever threads the policy has; the last line that is printed says why."""
    with contextlib.suppress(BaseException):
        os.write(2, f"{describe_failure(error)}\n".encode())
    os._exit(1)


if __name__ == "__main__":
    try:
        main(socket.socket(fileno=int(sys.argv[2])))
    except BaseException as error:  # noqa: BLE001  such as that the policy closed what isn't its own
        end_process(error)
