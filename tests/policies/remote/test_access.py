from __future__ import annotations

import pytest

from policies.remote.access import (
    TOKEN_VARIABLE,
    check_address,
    is_loopback,
    is_server_address,
    names_this_machine,
    read_token,
    speaks_vllm,
)
from scenarios.common.errors import InputError


@pytest.mark.parametrize(
    "url", ["ws://localhost:8000", "wss://policy.example/v1/realtime/robot/openpi", "ws://[::1]:1"]
)
def test_an_address_has_a_scheme_and_a_host(url: str) -> None:
    assert is_server_address(url)
    check_address(url)


@pytest.mark.parametrize("url", ["ws://", "ws://:8000", "ws://host:port", "ws://host:99999", "ws://[::1", "ws://a?b=1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="isn't the address of a server"):
        check_address(url)


def test_a_password_in_an_address_is_refused_as_it_would_be_recorded() -> None:
    with pytest.raises(InputError, match=TOKEN_VARIABLE):
        check_address("ws://me:secret@host:8000")


def test_the_path_tells_the_flavour() -> None:
    assert speaks_vllm("ws://host:8000/v1/realtime/robot/openpi")
    assert not speaks_vllm("ws://host:8000")


def test_only_addresses_of_this_machine_are_loopback() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("192.0.2.7")
    with pytest.raises(InputError, match="isn't the address or name of a host"):
        is_loopback("no such host")


def test_a_token_comes_from_a_file_or_a_variable(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    file = tmp_path / "token"
    file.write_text("abc\n")
    monkeypatch.setenv("MINE", "def")
    assert read_token() is None
    assert read_token(file) == "abc"
    assert read_token(None, "MINE") == "def"
    monkeypatch.setenv(TOKEN_VARIABLE, "ghi")
    assert read_token() == "ghi"
    assert read_token(file) == "abc"


def test_a_token_that_is_named_must_be_there(tmp_path, monkeypatch) -> None:
    (tmp_path / "empty").write_text("\nsecond line\n")
    monkeypatch.setenv("SPACED", "a b")
    for file, variable, message in (
        (tmp_path / "none", None, "can't be read"),
        (tmp_path / "empty", None, "must contain a token"),
        (None, "NOT_SET_AT_ALL", "isn't set"),
        (None, "SPACED", "must contain a token"),
        (tmp_path / "empty", "SPACED", "name one of them"),
    ):
        with pytest.raises(InputError, match=message):
            read_token(file, variable)


def test_a_host_is_this_machine_by_its_text_alone() -> None:
    assert all(map(names_this_machine, ("localhost", "127.0.0.1", "127.9.9.9", "::1")))
    assert not any(map(names_this_machine, ("policy.example", "192.0.2.7", "")))
