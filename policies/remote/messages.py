"""Messages of openpi's protocol: MessagePack maps, in which NumPy arrays are maps of their parts.

What arrives may come from anyone: sizes, nesting and kinds of arrays are limited, and nothing in it is executed.
"""

from __future__ import annotations

import math
import re
from typing import Any, NoReturn

import msgpack
import numpy as np

LARGEST_MESSAGE = 64 * 2**20  # bytes, as vLLM-Omni has it
LARGEST_LIST = 1024  # values of a list; entries of a map
MOST_CONTAINERS = 1024  # lists and maps in a message
LARGEST_RANK = 8

ARRAY, SCALAR = "__ndarray__", "__npgeneric__"  # a map with one of these is an array or a number of NumPy's
DTYPE = re.compile(r"[<>|=]?(b1|[iuf][1248])")  # booleans and real numbers; float of 1 byte doesn't exist


class MessageError(ValueError):
    """A message that can't be read, in one sentence."""


def pack_message(message: Any) -> bytes:
    """Encode a message as ``openpi-client`` does.

    Raises:
        TypeError: It contains a value that has no encoding.
    """
    packed: bytes = msgpack.packb(message, default=_encode_array)
    return packed


def unpack_message(data: bytes) -> Any:
    """Decode a message. Its arrays are read-only views of ``data``.

    Raises:
        MessageError: It isn't MessagePack, it is too large, or an array in it isn't one of real numbers.
    """
    if len(data) > LARGEST_MESSAGE:
        raise MessageError(f"a message may have {LARGEST_MESSAGE >> 20} MiB, this one has {len(data)} bytes")
    counter = _ContainerCounter()
    try:
        return msgpack.unpackb(
            data,
            object_hook=counter.decode_map,
            list_hook=counter.count_list,
            ext_hook=_refuse_extension,
            max_array_len=LARGEST_LIST,
            max_map_len=LARGEST_LIST,
        )
    except MessageError:
        raise
    except (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise MessageError(f"the message isn't MessagePack within the limits: {reason}") from error


def _encode_array(value: Any) -> Any:
    """Encode what MessagePack has no type for."""
    if not isinstance(value, np.ndarray | np.generic):
        raise TypeError(f"a message can't contain a {type(value).__name__}")
    if value.dtype.kind not in "biuf":
        raise TypeError(f"a message can't contain an array of type {value.dtype}")
    if isinstance(value, np.generic):
        return {SCALAR.encode(): True, b"data": value.item(), b"dtype": value.dtype.str}
    content = np.ascontiguousarray(value)
    data = content.data if content.size else b""
    return {ARRAY.encode(): True, b"data": data, b"dtype": value.dtype.str, b"shape": list(value.shape)}


def _refuse_extension(code: int, data: bytes) -> NoReturn:
    raise MessageError(f"the message contains an extension type of MessagePack ({code}): send arrays as openpi does")


class _ContainerCounter:
    """Hooks of the decoder that count lists and maps, which need far more memory than their bytes."""

    def __init__(self) -> None:
        self._count = 0

    def count_list(self, values: list[Any]) -> list[Any]:
        self._count += 1
        if self._count > MOST_CONTAINERS:
            raise MessageError(f"a message may contain {MOST_CONTAINERS} lists and maps, this one contains more")
        return values

    def decode_map(self, entries: dict[Any, Any]) -> Any:
        self.count_list([])
        if _entry(entries, ARRAY) is True:
            return decode_array(*(_entry(entries, part) for part in ("data", "dtype", "shape")))
        if _entry(entries, SCALAR) is True:
            return _decode_scalar(_entry(entries, "data"), _entry(entries, "dtype"))
        return entries


def _entry(entries: dict[Any, Any], key: str) -> Any:
    """Return an entry whose key is bytes, as openpi has it, or text; None if there is none."""
    return entries.get(key.encode(), entries.get(key))


def decode_array(data: Any, dtype: Any, shape: Any) -> np.ndarray:
    """Make an array of its parts.

    Raises:
        MessageError: The parts don't fit each other, or it isn't an array of booleans or real numbers.
    """
    kind = _decode_dtype(dtype)
    sizes = shape if isinstance(shape, list | tuple) else None
    if sizes is None or len(sizes) > LARGEST_RANK or not all(type(size) is int and size >= 0 for size in sizes):
        raise MessageError(f"the shape of an array must be a list of up to {LARGEST_RANK} sizes")
    if not isinstance(data, bytes) or len(data) != math.prod(sizes) * kind.itemsize:
        raise MessageError(
            f"the data of an array of shape {_shorten(tuple(sizes))} and type {kind} have another length"
        )
    return np.frombuffer(data, kind).reshape(sizes)


def _decode_scalar(value: Any, dtype: Any) -> Any:
    kind = _decode_dtype(dtype)
    if type(value) not in (bool, int, float):
        raise MessageError("the value of a NumPy scalar must be a number")
    return kind.type(value)


def _decode_dtype(dtype: Any) -> np.dtype[Any]:
    text = dtype.decode("ascii", "replace") if isinstance(dtype, bytes) else dtype
    if not isinstance(text, str) or not DTYPE.fullmatch(text) or text.endswith("f1"):
        raise MessageError(
            f"arrays of type {_shorten(text)} aren't accepted: send booleans, whole numbers or floats, such as '|u1' "
            "or '<f4'"
        )
    return np.dtype(text)


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
