"""Laws of the benchmark of a served policy."""

import pytest

from scenarios.common.errors import InputError
from sim.benchmark.server import measure_server, start_server


@pytest.mark.slow
def test_a_policy_is_timed_in_process_and_by_a_server(capfd):
    here, served = measure_server("straight", repeats=1)
    assert here.name == "straight, 8 episodes in lockstep, in process"
    assert served.name == "straight, 8 episodes in lockstep, by a server"
    assert here.ratio is None
    assert served.ratio > 0.0
    assert 0.0 < here.value < 1000.0


def test_a_server_that_does_not_start_is_an_error():
    with pytest.raises(InputError, match="server of policy 'expert' didn't start"), start_server("expert"):
        pass
