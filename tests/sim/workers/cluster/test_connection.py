"""What goes wrong on the way to a Ray cluster is one sentence, within seconds."""

from __future__ import annotations

import socket
import threading

import pytest

from scenarios.common.errors import InputError
from sim.workers.cluster.connection import check_address, connect_ray


@pytest.mark.parametrize("address", ["", "auto", "local"])
def test_an_address_that_names_no_place_is_left_to_ray(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize("address", ["nonsense", "host:", ":6379", "host:port", "ray://host", "host:0", "host:99999"])
def test_what_is_no_address_of_a_cluster_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="give HOST:PORT"):
        check_address(address)


@pytest.mark.parametrize("address", ["127.0.0.1:{}", "ray://127.0.0.1:{}", "[::1]:{}"])
def test_an_address_where_nothing_answers_is_refused_within_seconds(address: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(InputError, match="nothing answers there"):
        check_address(address.format(port))


def test_an_address_where_something_answers_is_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_address(f"127.0.0.1:{server.getsockname()[1]}")


def test_what_never_gets_ready_is_given_up() -> None:
    over = threading.Event()
    with pytest.raises(InputError, match=r"'host:1': no Ray cluster answers there within 0\.05 s"):
        connect_ray(over.wait, "host:1", limit_s=0.05)
    over.set()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("validate_socket_filename failed: AF_UNIX path length cannot exceed 107 bytes"), "set RAY_TMPDIR"),
        (ConnectionError("no\nnode"), "RAY_ADDRESS 'host:1': no node"),
        (RuntimeError("version mismatch"), "version mismatch"),
    ],
)
def test_what_ray_raises_is_one_sentence(error: Exception, told: str) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(InputError, match=told) as raised:
        connect_ray(fail, "host:1")
    assert "\n" not in str(raised.value)


def test_an_error_of_ours_stays_one() -> None:
    with pytest.raises(ZeroDivisionError):
        connect_ray(lambda: 1 / 0, "")
