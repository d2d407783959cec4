import contextlib
from types import SimpleNamespace

from sim.workers.monitored_policy import MonitoredPolicy


def test_every_call_of_the_policy_is_inside_the_heartbeat_and_changes_nothing():
    log = []

    @contextlib.contextmanager
    def in_policy():
        log.append("in")
        yield
        log.append("out")

    policy = SimpleNamespace(
        spec="spec",
        reset=lambda slots, instructions: log.append(instructions),
        act=lambda batch: log.append(batch) or 7,
    )
    monitored = MonitoredPolicy(policy, SimpleNamespace(in_policy=in_policy))
    monitored.reset([0], ["go"])
    assert monitored.act("batch") == 7
    assert monitored.spec == "spec"
    assert log == ["in", ["go"], "out", "in", "batch", "out"]
