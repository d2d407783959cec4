"""Messages: their length, and the part of MessagePack that they need."""

from __future__ import annotations

import math
import re
import socket
import struct
import time
from typing import Any

import numpy as np

LENGTH = struct.Struct(">I")
LARGEST_MESSAGE = 2**29
LARGEST_DEPTH = 16
ARRAY_KINDS = "biuf"
ARRAY_TYPE = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248]|f16)")  # names of types of arrays


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
