"""Messages of hosts against the msgpack library, and what a host does inside."""

from __future__ import annotations

import socket
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from policies.host import host

msgpack = pytest.importorskip("msgpack")

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
MESSAGES = st.recursive(
    SCALARS | st.binary(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)
KINDS = st.sampled_from(["<f4", "<f8", ">f4", "|u1", "<i8", "|b1", "<f2"])


@given(MESSAGES)
def test_msgpack_reads_what_a_host_writes(message) -> None:
    assert msgpack.unpackb(host.pack_message(message), strict_map_key=False) == message


@given(MESSAGES)
def test_a_host_reads_what_msgpack_writes(message) -> None:
    assert host.unpack_message(msgpack.packb(message)) == message


@given(KINDS.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, min_side=0))))
def test_arrays_come_back_with_their_type_shape_and_bytes(array) -> None:
    found = host.unpack_message(host.pack_message({"a": array}))["a"]
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_an_array_is_encoded_as_openpi_does() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    expected = {b"__ndarray__": True, b"data": array.tobytes(), b"dtype": "<f4", b"shape": [2, 3]}
    assert msgpack.unpackb(host.pack_message(array), strict_map_key=False) == expected


@pytest.mark.parametrize("array", [np.array([None]), np.zeros(1, complex), np.zeros(1, "V4"), np.array(["text"])])
def test_arrays_of_other_than_numbers_are_not_sent(array) -> None:
    with pytest.raises(ValueError, match="can't be sent"):
        host.pack_message(array)


@pytest.mark.parametrize("kind", ["|O", "|V4", "<c8", "<U4", "nonsense", "M8[s]"])
def test_arrays_of_other_than_numbers_are_not_received(kind) -> None:
    data = msgpack.packb({b"__ndarray__": True, b"data": b"\0" * 8, b"dtype": kind, b"shape": [1]})
    with pytest.raises(ValueError):
        host.unpack_message(data)


@pytest.mark.parametrize("shape", [[3], [-1, -2], [2**40, 2**40], "2", [2, 2**62]])
def test_an_array_whose_shape_does_not_fit_is_refused(shape) -> None:
    data = msgpack.packb({b"__ndarray__": True, b"data": b"\0" * 8, b"dtype": "<f4", b"shape": shape})
    with pytest.raises(ValueError):
        host.unpack_message(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_refused(data) -> None:
    try:
        host.unpack_message(data)
    except ValueError:
        return


@given(MESSAGES, st.data())
def test_a_message_that_ends_early_or_late_is_refused(message, data) -> None:
    packed = host.pack_message(message)
    cut = data.draw(st.integers(0, len(packed) - 1))
    for wrong in (packed[:cut], packed + b"\xc0"):
        with pytest.raises(ValueError):
            host.unpack_message(wrong)


def test_deep_nesting_is_refused_before_python_gives_up() -> None:
    with pytest.raises(ValueError, match="nested"):
        host.unpack_message(b"\x91" * 100_000)
    nested: list[object] = []
    for _ in range(50):
        nested = [nested]
    with pytest.raises(ValueError, match="nested"):
        host.pack_message(nested)


def test_lone_surrogates_are_sent_as_their_escapes() -> None:
    assert host.unpack_message(host.pack_message("a\udcffb")) == "a\\udcffb"


def test_a_connection_that_ends_within_a_message_ends_the_conversation() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(host.LENGTH.pack(100) + b"part")
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(EOFError):
            host.receive_message(ours)


@pytest.mark.parametrize("data", [host.LENGTH.pack(2**32 - 1), host.LENGTH.pack(1) + b"\xc0"])
def test_a_header_that_promises_too_much_and_what_is_no_map_are_refused(data) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        with pytest.raises(ValueError):
            host.receive_message(ours)


def test_an_error_is_one_line_with_its_place() -> None:
    def fail() -> None:
        raise KeyError("two\nlines")

    with pytest.raises(KeyError) as caught:
        fail()
    line = fail.__code__.co_firstlineno + 1
    assert host.describe_failure(caught.value) == f"KeyError: 'two\\nlines' (test_host.py:{line})"


@pytest.mark.parametrize("text", ["\x1b[2J", "a\0b", "\u202e", "\x9b", "\ud800", "two\r\nlines\u2028", "\t é 語"])
def test_a_text_of_somebody_s_is_one_line_without_what_a_terminal_obeys(text: str) -> None:
    assert host.escape_text(text).isprintable()
    assert host.escape_text("é 語 a") == "é 語 a"


def test_an_error_that_fails_to_tell_anything_is_told_nevertheless() -> None:
    class Kind(type):
        @property
        def __name__(cls) -> str:
            raise RuntimeError

    class EvilError(Exception, metaclass=Kind):
        pass

    class MuteError(Exception):
        def __str__(self) -> str:
            raise SystemExit

    assert host.describe_failure(EvilError()) == "an error that can't be described"
    assert host.describe_failure(MuteError()) == "MuteError"
    assert len(host.describe_failure(ValueError("x" * 10**7))) == host.LONGEST_ERROR


@pytest.mark.parametrize("answer", [np.zeros((2, 3), complex), np.zeros((2, 3), "M8[s]"), np.zeros(2, "f4,f4")])
def test_what_numpy_would_convert_is_no_answer_if_it_is_no_number(answer: np.ndarray) -> None:
    with pytest.raises(TypeError, match="not of numbers"):
        host.read_answer(answer, "act")


def test_the_time_limit_of_a_connection_is_that_of_a_whole_message() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.2)
        theirs.sendall(host.LENGTH.pack(1000) + bytes(500))
        with pytest.raises(TimeoutError):
            host.receive_message(ours)
        assert ours.gettimeout() == 0.2


class Network:
    """A policy with a weight, a buffer and a state."""

    def __init__(self) -> None:
        torch = pytest.importorskip("torch")
        self.networks = {"deep": [torch.nn.BatchNorm1d(4)]}
        self.history: list[int] = []


def test_a_copy_shares_weights_and_nothing_else() -> None:
    policy = Network()
    twin = host.copy_policy(policy)
    (mine,), (yours,) = policy.networks["deep"], twin.networks["deep"]
    assert mine is not yours
    assert all(a is b for a, b in zip(mine.parameters(), yours.parameters(), strict=True))
    assert mine.running_mean is not yours.running_mean
    twin.history.append(1)
    assert policy.history == []


def test_the_hash_of_hosted_weights_is_that_of_an_evaluation_in_its_own_process() -> None:
    pytest.importorskip("torch")
    from policies.inference.weights import hash_networks

    policy = Network()
    assert host.hash_weights(policy) == hash_networks(policy.networks["deep"]) is not None


def test_generators_of_a_process_are_restored_to_the_bit() -> None:
    import random

    host.seed_generators(3)
    kept = host.GlobalGenerators()
    first = random.random(), np.random.random()  # noqa: NPY002
    kept.restore()
    assert (random.random(), np.random.random()) == first  # noqa: NPY002


def test_the_file_needs_the_standard_library_and_numpy_alone() -> None:
    import ast
    from pathlib import Path

    tree = ast.parse(Path(host.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "numpy"}


def test_the_file_is_python_3_9() -> None:
    import ast
    from pathlib import Path

    ast.parse(Path(host.__file__).read_text(), feature_version=(3, 9))


@pytest.mark.parametrize("kind", [b"<f3", b"<f4)", b"f1", b"O", b"<U4", b"i4,i4"])
def test_the_type_of_an_array_is_never_parsed_as_python(kind: bytes) -> None:
    packed = host.pack_message(np.zeros(2, np.float32))
    assert packed.count(b"<f4") == 1
    changed = packed.replace(b"\xdb\x00\x00\x00\x03<f4", b"\xdb" + len(kind).to_bytes(4, "big") + kind)
    assert changed != packed
    with pytest.raises(ValueError, match="one of numbers"):
        host.unpack_message(changed)
