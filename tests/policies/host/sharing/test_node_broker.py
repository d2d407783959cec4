"""Workers on a node that have no parent in common share a host, whichever of them ends first."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from policies.host.client import HostedPolicy
from policies.host.sharing import node_broker
from policies.host.sharing.broker import LeasedHost
from policies.host.sharing.node_broker import NODE, connect_node_broker, name_node_broker
from scenarios.common.errors import InputError

from ..hosts import host_processes, observe, request, start, wait_until

WORKER = """
import sys
from policies.host.sharing.node_broker import connect_node_broker
link = connect_node_broker(sys.argv[1], 30.0)
print("connected", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def name(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(node_broker, "IDLE_S", 1.0)
    return name_node_broker()


def lease(name: str) -> HostedPolicy:
    return HostedPolicy(LeasedHost(connect_node_broker(name, 30.0), request("Mean")), 60.0)


def brokers(name: str) -> list[int]:
    """The processes of the broker of a run."""
    return [process for process, command in list_brokers().items() if name.removeprefix(NODE) in command]


def list_brokers() -> dict[int, str]:
    """The processes of all brokers that run, with their commands."""
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):
                found[int(place.name)] = (place / "cmdline").read_text(errors="replace")
    return {process: command for process, command in found.items() if node_broker.__name__ in command.split("\0")}


def test_all_workers_of_a_node_share_a_host_and_the_last_one_ends_it_and_the_broker(name, tmp_path) -> None:
    before = host_processes()
    first, second = lease(name), lease(name)
    assert len(host_processes() - before) == 2  # a host and its supervisor
    assert len(brokers(name)) == 1
    first.close()
    start(second)
    assert second.act(observe()).shape == (2, 3)
    second.close()
    assert wait_until(lambda: host_processes() <= before)
    assert wait_until(lambda: not brokers(name), node_broker.IDLE_S + 30.0)
    assert list(tmp_path.glob("mobile-vla-node-*")) == []


def test_it_outlives_the_worker_that_started_it(name) -> None:
    worker = subprocess.Popen([sys.executable, "-c", WORKER, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"connected\n"
    policy = lease(name)
    started = brokers(name)
    worker.kill()
    worker.communicate()
    start(policy)
    assert policy.act(observe()).shape == (2, 3)
    policy.close()
    assert brokers(name) == started
    end(started)


def test_one_that_was_killed_is_started_again(name) -> None:
    with connect_node_broker(name, 30.0):
        (killed,) = brokers(name)
    end([killed])
    policy = lease(name)
    assert brokers(name) != [killed]
    policy.close()
    end(brokers(name))


def test_another_run_has_another_broker(name) -> None:
    with connect_node_broker(name, 30.0), connect_node_broker(other := name_node_broker(), 30.0):
        assert brokers(name) != brokers(other)
        end(brokers(name) + brokers(other))


def test_one_that_cannot_start_is_a_sentence(name, monkeypatch) -> None:
    monkeypatch.setattr(node_broker, "__name__", "policies.no_such_module")
    with pytest.raises(
        InputError, match=r"shares policies among the workers of this node did not start \(exit code 1\)"
    ):
        connect_node_broker(name, 30.0)


def end(processes: list[int]) -> None:
    for process in processes:
        os.kill(process, signal.SIGKILL)
    assert wait_until(lambda: not set(processes) & set(list_brokers()))
