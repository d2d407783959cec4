"""Messages of hosts against the msgpack library, and damaged ones."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from policies.host.standalone.messages import LENGTH, pack_message, receive_message, unpack_message

msgpack = pytest.importorskip("msgpack")

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
MESSAGES = st.recursive(
    SCALARS | st.binary(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)
KINDS = st.sampled_from(["<f4", "<f8", ">f4", "|u1", "<i8", "|b1", "<f2"])


@given(MESSAGES)
def test_msgpack_reads_what_a_host_writes(message) -> None:
    assert msgpack.unpackb(pack_message(message), strict_map_key=False) == message


@given(MESSAGES)
def test_a_host_reads_what_msgpack_writes(message) -> None:
    assert unpack_message(msgpack.packb(message)) == message


@given(KINDS.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, min_side=0))))
def test_arrays_come_back_with_their_type_shape_and_bytes(array) -> None:
    found = unpack_message(pack_message({"a": array}))["a"]
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_an_array_is_encoded_as_openpi_does() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    expected = {b"__ndarray__": True, b"data": array.tobytes(), b"dtype": "<f4", b"shape": [2, 3]}
    assert msgpack.unpackb(pack_message(array), strict_map_key=False) == expected


@pytest.mark.parametrize("array", [np.array([None]), np.zeros(1, complex), np.zeros(1, "V4"), np.array(["text"])])
def test_arrays_of_other_than_numbers_are_not_sent(array) -> None:
    with pytest.raises(ValueError, match="can't be sent"):
        pack_message(array)


@pytest.mark.parametrize("kind", ["|O", "|V4", "<c8", "<U4", "nonsense", "M8[s]"])
def test_arrays_of_other_than_numbers_are_not_received(kind) -> None:
    data = msgpack.packb({b"__ndarray__": True, b"data": b"\0" * 8, b"dtype": kind, b"shape": [1]})
    with pytest.raises(ValueError):
        unpack_message(data)


@pytest.mark.parametrize("shape", [[3], [-1, -2], [2**40, 2**40], "2", [2, 2**62]])
def test_an_array_whose_shape_does_not_fit_is_refused(shape) -> None:
    data = msgpack.packb({b"__ndarray__": True, b"data": b"\0" * 8, b"dtype": "<f4", b"shape": shape})
    with pytest.raises(ValueError):
        unpack_message(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_refused(data) -> None:
    try:
        unpack_message(data)
    except ValueError:
        return


@given(MESSAGES, st.data())
def test_a_message_that_ends_early_or_late_is_refused(message, data) -> None:
    packed = pack_message(message)
    cut = data.draw(st.integers(0, len(packed) - 1))
    for wrong in (packed[:cut], packed + b"\xc0"):
        with pytest.raises(ValueError):
            unpack_message(wrong)


def test_deep_nesting_is_refused_before_python_gives_up() -> None:
    with pytest.raises(ValueError, match="nested"):
        unpack_message(b"\x91" * 100_000)
    nested: list[object] = []
    for _ in range(50):
        nested = [nested]
    with pytest.raises(ValueError, match="nested"):
        pack_message(nested)


def test_lone_surrogates_are_sent_as_their_escapes() -> None:
    assert unpack_message(pack_message("a\udcffb")) == "a\\udcffb"


def test_a_connection_that_ends_within_a_message_ends_the_conversation() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(LENGTH.pack(100) + b"part")
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(EOFError):
            receive_message(ours)


@pytest.mark.parametrize("data", [LENGTH.pack(2**32 - 1), LENGTH.pack(1) + b"\xc0"])
def test_a_header_that_promises_too_much_and_what_is_no_map_are_refused(data) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        with pytest.raises(ValueError):
            receive_message(ours)


def test_the_time_limit_of_a_connection_is_that_of_a_whole_message() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.2)
        theirs.sendall(LENGTH.pack(1000) + bytes(500))
        with pytest.raises(TimeoutError):
            receive_message(ours)
        assert ours.gettimeout() == 0.2


@pytest.mark.parametrize("kind", [b"<f3", b"<f4)", b"f1", b"O", b"<U4", b"i4,i4"])
def test_the_type_of_an_array_is_never_parsed_as_python(kind: bytes) -> None:
    packed = pack_message(np.zeros(2, np.float32))
    assert packed.count(b"<f4") == 1
    changed = packed.replace(b"\xdb\x00\x00\x00\x03<f4", b"\xdb" + len(kind).to_bytes(4, "big") + kind)
    assert changed != packed
    with pytest.raises(ValueError, match="one of numbers"):
        unpack_message(changed)
