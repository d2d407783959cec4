import time

from sim.workers.process import Heartbeat


def test_the_clocks_tell_whether_a_worker_is_in_its_policy_and_when_it_last_showed_life():
    clocks = [0.0, 0.0]
    heartbeat, before = Heartbeat(clocks), time.monotonic()
    with heartbeat.in_policy():
        assert clocks[0] >= before
        assert clocks[1] == 0.0
    assert clocks[0] == 0.0
    assert clocks[1] >= before


def test_a_policy_that_raises_is_no_longer_in_its_call():
    clocks = [0.0, 0.0]
    try:
        with Heartbeat(clocks).in_policy():
            raise RuntimeError
    except RuntimeError:
        assert clocks[0] == 0.0
