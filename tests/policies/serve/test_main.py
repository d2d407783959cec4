from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys

import pytest

from policies.remote.access import TOKEN_VARIABLE
from policies.serve.__main__ import load_certificate, main
from scenarios.common.errors import InputError

from ..servers import Client


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--policy", "hybird"], "did you mean 'hybrid'"),
        (["--policy", "expert"], "sees the true world"),
        (["--policy", "straight", "--host", "0.0.0.0"], "reachable from other machines: give a token"),
        (["--policy", "straight", "--host", "no such host"], "isn't the address or name of a host"),
        (["--policy", "straight", "--token-env", "NOT_SET_AT_ALL"], "NOT_SET_AT_ALL isn't set"),
        (["--policy", "straight", "--port", "70000"], "out of range"),
        (["--policy", "straight", "--device", "gpu"], "unknown device"),
        (["--policy", "straight", "--precision", "bf16"], "has no network"),
        (["--policy", "straight", "--certificate", "cert.pem"], "belong together"),
    ],
)
def test_bad_input_is_refused_before_anything_is_served(arguments, message, monkeypatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(InputError, match=message):
        main(arguments)


def test_a_port_that_is_taken_is_bad_input() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(InputError, match=f"can't serve at 127.0.0.1:{port}"):
            main(["--policy", "straight", "--port", str(port)])


def test_a_certificate_that_cannot_be_read_is_bad_input(tmp_path) -> None:
    assert load_certificate(None, None) is None
    (tmp_path / "cert.pem").write_text("no certificate")
    with pytest.raises(InputError, match="can't be read"):
        load_certificate(tmp_path / "cert.pem", tmp_path / "key.pem")
    with pytest.raises(InputError, match="can't be read"):
        load_certificate(tmp_path / "cert.pem", tmp_path / "cert.pem")
    assert issubclass(ssl.SSLError, OSError)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_at_the_address_that_it_prints_until_a_signal_ends_it(number) -> None:
    command = [sys.executable, "-m", "policies.serve", "--policy", "straight", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("serving 'straight' at ws://127.0.0.1:")
            with Client(line.split()[-1]) as client:
                assert client.metadata["policy"] == "straight"
                process.send_signal(number)
                assert process.wait(30.0) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()


def test_the_command_line_says_one_sentence_and_exits_with_2() -> None:
    command = [sys.executable, "-m", "policies.serve", "--policy", "expert"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: policy 'expert' sees the true world")
    assert ran.stderr.count("\n") == 1
