from __future__ import annotations

import contextlib
import importlib.util

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from policies.remote.messages import (
    LARGEST_LIST,
    LARGEST_MESSAGE,
    MOST_CONTAINERS,
    MessageError,
    pack_message,
    unpack_message,
)

from .. import servers

KINDS = st.sampled_from(["|b1", "|u1", "<i2", "<i4", "<i8", ">f4", "<f2", "<f4", "<f8"])


@given(KINDS.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, min_side=0, max_dims=4))))
def test_an_array_arrives_as_it_was_sent(array: np.ndarray) -> None:
    found = unpack_message(pack_message({"it": array}))["it"]
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()


def test_messages_are_those_of_openpi_to_the_byte() -> None:
    message = {"image": np.arange(24, dtype=np.uint8).reshape(2, 4, 3), "x": np.float32(0.5), "prompt": "go", "n": [1]}
    assert pack_message(message) == servers.pack_message(message)


@pytest.mark.skipif(importlib.util.find_spec("openpi_client") is None, reason="openpi-client isn't installed")
def test_openpi_client_reads_and_writes_the_same() -> None:
    from openpi_client import msgpack_numpy

    message = {"image": np.arange(24, dtype=np.uint8).reshape(2, 4, 3)[:, ::2], "x": np.float32(0.5), "ok": np.bool_(1)}
    assert msgpack_numpy.packb(message) == pack_message(message)
    assert (msgpack_numpy.unpackb(pack_message(message))["image"] == message["image"]).all()


def test_a_part_of_an_array_is_sent_as_that_part() -> None:
    assert (
        unpack_message(pack_message({"it": np.arange(12).reshape(3, 4)[:, ::2]}))["it"] == [[0, 2], [4, 6], [8, 10]]
    ).all()


@pytest.mark.parametrize("value", [np.array([None]), np.array([1j]), np.array(["a"]), object(), {1, 2}])
def test_what_has_no_encoding_is_not_sent(value) -> None:
    with pytest.raises(TypeError, match="can't contain"):
        pack_message({"it": value})


def marked(**parts) -> bytes:
    """An array's map with other parts."""
    whole = {"__ndarray__": True, "data": bytes(8), "dtype": "<f4", "shape": [2], **parts}
    return msgpack.packb({"it": {key.encode(): value for key, value in whole.items() if value is not ...}})


@pytest.mark.parametrize("dtype", ["|O", "<c8", "V8", "<i4,<f4", "<U2", "<M8[ns]", "f1", "<f3", "", None, 4, b"\xff"])
def test_arrays_of_anything_but_real_numbers_are_refused(dtype) -> None:
    with pytest.raises(MessageError, match="aren't accepted: send booleans, whole numbers or floats"):
        unpack_message(marked(dtype=dtype))


@pytest.mark.parametrize("shape", [[3], [-2], [2**40, 2**40], "2", [2.0], [True, 2], [1] * 9, ..., {}])
def test_a_shape_that_does_not_fit_the_data_is_refused(shape) -> None:
    with pytest.raises(MessageError, match=r"another length|must be a list of up to 8 sizes"):
        unpack_message(marked(shape=shape))


@pytest.mark.parametrize("data", [b"", "text", None, [1, 2], ...])
def test_data_that_are_not_bytes_of_the_length_are_refused(data) -> None:
    with pytest.raises(MessageError, match="another length"):
        unpack_message(marked(data=data))


def test_a_scalar_is_a_number_of_its_type() -> None:
    def scalar(data, dtype):
        return unpack_message(msgpack.packb({"x": {b"__npgeneric__": True, b"data": data, b"dtype": dtype}}))["x"]

    assert scalar(1.5, "<f4") == np.float32(1.5)
    for data, dtype in (("a", "<f4"), (1, "|O"), (300, "|u1"), ([1], "<i4")):
        with pytest.raises(MessageError):
            scalar(data, dtype)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x81\xa1a",  # a map that ends early
        b"\xdd\xff\xff\xff\xff",  # a list of 4 billion values
        b"\xdf\xff\xff\xff\xff",  # a map of as many
        b"\xc6\xff\xff\xff\xff",  # bytes of as many
        b"\x91" * 100_000,  # deeply nested
        b"\x81\xa1\xff\x01",  # a key that isn't UTF-8
        b"\x81\x01\x02",  # a key that is a number
        b"\x01\x02",  # more than one message
        b"\xd4\x05\x00",  # an extension type
        msgpack.packb([[] for _ in range(MOST_CONTAINERS + 1)]),
        msgpack.packb([[[] for _ in range(500)] for _ in range(3)]),
        msgpack.packb([0] * (LARGEST_LIST + 1)),
        b"\xc6" + LARGEST_MESSAGE.to_bytes(4, "big") + bytes(LARGEST_MESSAGE),
    ],
    ids=lambda data: f"{data[:6].hex()}-{len(data)}",
)
def test_what_is_no_message_within_the_limits_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(MessageError) as raised:
        unpack_message(data)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 300


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    with contextlib.suppress(MessageError):
        unpack_message(data)
