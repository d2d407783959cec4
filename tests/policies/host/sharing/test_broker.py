"""One host for all workers: each session as if it were alone, and a death blamed on whom it belongs to."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from policies.host.client import HostedPolicy
from policies.host.sharing.broker import HostBroker, LeasedHost, connect_broker
from policies.host.standalone.messages import receive_message, send_message
from policies.policy import PolicyFaultError, PolicyUnavailableError
from scenarios.common.errors import InputError

from ..hosts import POLICIES, host_processes, observe, request, start, wait_until


@pytest.fixture
def broker():
    with HostBroker() as made:
        yield made


def lease(broker: HostBroker, name: str, timeout_s: float = 60.0) -> HostedPolicy:
    return HostedPolicy(LeasedHost(connect_broker(broker.path), request(name)), timeout_s)


def test_all_workers_share_a_host_and_the_last_one_ends_it(broker) -> None:
    before = host_processes()
    first, second = lease(broker, "Mean"), lease(broker, "Mean")
    assert len(host_processes() - before) == 2  # a host and its supervisor
    first.close()
    start(second)
    assert second.act(observe()).shape == (2, 3)
    second.close()
    assert wait_until(lambda: host_processes() <= before)


@pytest.mark.parametrize("name", ["Mean", "Draws", "Locked", "Closure"])
def test_a_session_answers_the_same_whoever_asks_beside_it(broker, name) -> None:
    alone = lease(broker, name)
    alone.seed = 1
    start(alone)
    expected = [alone.act(observe()) for _ in range(4)]
    alone.close()
    first, second = lease(broker, name), lease(broker, name)
    for policy, seed in ((second, 2), (first, 1)):
        policy.seed = seed
        start(policy)
    for answer in expected:
        second.act(observe(value=200))
        assert np.array_equal(first.act(observe()), answer)
        second.act(observe(value=0))
    first.close()
    second.close()


def test_a_policy_s_own_way_of_sharing_comes_first(broker) -> None:
    policy = lease(broker, "Shares")
    start(policy)
    assert policy.act(observe())[0, 1] == 1.0
    policy.close()


def test_memory_for_each_session_is_told_once(broker, capfd) -> None:
    policies = [lease(broker, "Locked") for _ in range(3)]
    for policy in policies:
        start(policy)
    for policy in policies:
        policy.close()
    broker.__exit__(None, None, None)  # now everything that was printed has been passed on
    assert capfd.readouterr().err.count("a method share()") == 1


def test_the_session_that_was_served_is_blamed_and_the_others_drive_again_in_hosts_of_their_own(broker) -> None:
    guilty, other = lease(broker, "ExitsHard"), lease(broker, "ExitsHard")
    for policy in (guilty, other):
        start(policy)
    with pytest.raises(PolicyFaultError, match="exit code 3"):
        guilty.act(observe())
    with pytest.raises(PolicyUnavailableError, match="exit code 3"):
        other.act(observe())
    before = host_processes()
    for policy in (guilty, other):
        start(policy)
    assert len(host_processes() - before) == 4  # one each
    with pytest.raises(PolicyFaultError):
        guilty.act(observe())
    with pytest.raises(PolicyFaultError):  # its own doing now
        other.act(observe())
    guilty.close()
    other.close()


def test_waiting_behind_another_session_does_not_count(broker) -> None:
    """The first session hangs until its limit; the second one's limit is shorter and begins later."""
    first, second = lease(broker, "Hangs", timeout_s=4.0), lease(broker, "Hangs", timeout_s=2.0)
    signs: list[int] = []
    first.on_wait = second.on_wait = lambda: signs.append(1)
    start(first)
    start(second)
    caught: list[BaseException] = []

    def ask(policy: HostedPolicy) -> None:
        try:
            policy.act(observe())
        except (PolicyFaultError, PolicyUnavailableError) as error:
            caught.append(error)

    threads = [threading.Thread(target=ask, args=(first,))]
    threads[0].start()
    wait_until(lambda: False, seconds=0.5)
    threads.append(threading.Thread(target=ask, args=(second,)))
    threads[1].start()
    for thread in threads:
        thread.join(60.0)
    kinds = {type(error) for error in caught}
    assert kinds == {PolicyFaultError, PolicyUnavailableError}
    assert signs
    first.close()
    second.close()


def test_a_host_that_is_prepared_is_the_one_that_is_lent(broker) -> None:
    before = host_processes()
    broker.prepare(request("Mean"))
    policy = lease(broker, "Mean")
    assert len(host_processes() - before) == 2
    policy.close()
    assert wait_until(lambda: host_processes() <= before)


def test_what_can_not_be_loaded_is_told_to_every_worker(broker) -> None:
    for _ in range(2):
        with pytest.raises(InputError, match="Ran out of input"):
            lease(broker, "RaisesWhenMade")


def test_a_socket_of_a_process_that_is_ending_is_no_broker(tmp_path) -> None:
    with socket.socket(socket.AF_UNIX) as ending:
        ending.bind(str(tmp_path / "s"))
        ending.listen()
        threading.Thread(target=lambda: ending.accept()[0].close()).start()
        with pytest.raises(OSError, match=r"a process that has ended|reset by peer"):
            connect_broker(str(tmp_path / "s"))


def test_those_who_ask_a_host_are_counted(broker) -> None:
    owners = [LeasedHost(connect_broker(broker.path), request("Mean")) for _ in range(3)]
    assert [owner.count_users() for owner in owners] == [3, 3, 3]
    owners.pop().close()
    assert wait_until(lambda: owners[0].count_users() == 2)
    for owner in owners:
        owner.close()


@pytest.mark.parametrize("message", [{}, {"endpoint": "lost"}, {"endpoint": "lend", "host": {}}, {"endpoint": 5}])
def test_what_no_worker_sends_ends_the_connection_and_nothing_else(broker, message) -> None:
    with connect_broker(broker.path) as link:
        send_message(link, message)
        with pytest.raises(EOFError):
            receive_message(link)
    policy = lease(broker, "Mean")
    start(policy)
    policy.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("self.spec = dict(self.spec, rate_hz=5)", "declares something else than when it was loaded before"),
        ("self.spec = dict(self.spec, privileged=True)", "declares something else than when it was loaded before"),
        ("self.weights_sha256 = str(time.time())", "has other weights than when it was loaded before"),
    ],
)
def test_a_policy_is_the_same_whenever_it_is_loaded(broker, changes, said, tmp_path) -> None:
    file = tmp_path / "later.py"
    file.write_text(
        f"import os, sys, time; sys.path.insert(0, {str(POLICIES.parent)!r})\n"
        "import hosted_policies\n"
        "class Later(hosted_policies.Base):\n"
        "    weights_sha256 = 'a'\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        f"        if os.path.exists({str(tmp_path / 'mark')!r}):\n"
        f"            {changes}\n"
        f"        open({str(tmp_path / 'mark')!r}, 'w').close()\n"
    )
    wanted = replace(request("Later"), target=f"{file}:Later")
    first = LeasedHost(connect_broker(broker.path), wanted)
    first.close()
    wait_until(lambda: not broker._leases)
    with pytest.raises(InputError, match=said):
        LeasedHost(connect_broker(broker.path), wanted)


DRAWN = """
import numpy as np, random
class Drawn:
    spec = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0]}
    def __init__(self):
        self.weights_sha256 = f"{random.random()} {np.random.random()}"
    def reset(self, slots, instructions): ...
    def act(self, batch): ...
"""


def test_weights_that_are_drawn_are_the_same_wherever_they_are_loaded(broker, tmp_path) -> None:
    (tmp_path / "drawn.py").write_text(DRAWN)
    wanted = replace(request("Drawn"), target=f"{tmp_path}/drawn.py:Drawn")
    weights = set()
    for _ in range(2):
        owner = LeasedHost(connect_broker(broker.path), wanted)
        weights.add(owner.address.weights_sha256)
        owner.close()
        wait_until(lambda: not broker._leases)
    assert len(weights) == 1


def test_a_policy_that_loads_slowly_keeps_no_other_waiting(broker) -> None:
    """The broker's end doesn't wait for a start, either."""

    def wait_for_ever() -> None:
        with contextlib.suppress(InputError, EOFError, OSError):
            lease(broker, "HangsInSpec")

    threading.Thread(target=wait_for_ever, daemon=True).start()
    policy = lease(broker, "Mean")
    start(policy)
    policy.close()


def test_a_broker_leaves_nothing_behind() -> None:
    before = host_processes()
    with HostBroker() as broker:
        policy = lease(broker, "Base")
        start(policy)
        folder = Path(broker.path).parent
    assert wait_until(lambda: host_processes() <= before)
    assert not folder.exists()
    policy.close()


WEIGHTS = """
import numpy as np, torch
class Large:
    spec = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0]}
    def __init__(self):
        self.network = torch.nn.Linear(5_000, 5_000, bias=False)  # 100 MB
    def reset(self, slots, instructions): ...
    def act(self, batch):
        return np.zeros((len(batch.live), 3), np.float32)
"""


def test_four_sessions_have_one_copy_of_the_weights(broker, tmp_path) -> None:
    pytest.importorskip("torch")
    file = tmp_path / "large.py"
    file.write_text(WEIGHTS)
    before = host_processes()
    large = replace(request("Large"), target=f"{file}:Large")
    policies = [HostedPolicy(LeasedHost(connect_broker(broker.path), large)) for _ in range(4)]
    start(policies[0])
    one = _resident_mb(host_processes() - before)
    for policy in policies[1:]:
        start(policy)
    four = _resident_mb(host_processes() - before)
    for policy in policies:
        policy.close()
    assert one > 100
    assert four - one < 50


def _resident_mb(processes: set[int]) -> float:
    lines = [line for pid in processes for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1e3
