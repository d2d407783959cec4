from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from policies.host.hosting import Hosting
from policies.host.sharing.broker import HostBroker
from policies.policy import DEFAULT_RUNTIME, ObservationBatch, PolicySpec
from policies.registry import make_policy
from policies.serve.source import BusyError, PolicySource
from scenarios.common.errors import InputError

from ..servers import Counting, Unshared


def test_a_shareable_policy_is_made_once_and_serves_many() -> None:
    made = []
    source = PolicySource(lambda: made.append(0) or Counting())
    first, second = source.take(1), source.take(2)
    first.reset([0], ["go"])
    second.reset([0, 1], ["go"] * 2)
    assert len(first.steps) == 1
    assert len(made) == 1


def test_a_policy_without_weights_is_made_anew_for_each_client() -> None:
    source = PolicySource(lambda: make_policy("random"))
    assert source.take(1) is not source.take(1)


def test_a_policy_with_weights_that_cannot_be_shared_serves_one_client_at_a_time() -> None:
    source = PolicySource(Unshared)
    first = source.take(2)
    with pytest.raises(BusyError, match="serves one client at a time: give it a method 'share'"):
        source.take(2)
    source.give_back(first)
    assert source.take(2) is first
    source.give_back(first)
    assert source.take(3) is not first  # its first reset has fixed the number of its slots


def test_trying_it_out_tells_how_many_actions_an_answer_has_and_leaves_no_episode() -> None:
    source = PolicySource(Counting)
    assert source.try_out(4) == 1
    assert len(source.take(1).steps) == 0


HOSTED = Path(__file__).parents[1] / "host/hosted_policies.py"


def hosted(name, broker):
    return PolicySource(lambda: make_policy(f"{HOSTED}:{name}", DEFAULT_RUNTIME, Hosting(broker.path, timeout_s=2.0)))


def test_a_policy_of_ones_own_serves_all_clients_from_one_process() -> None:
    with HostBroker() as broker:
        source = hosted("Base", broker)
        assert not source.is_shareable
        first, second = source.take(1), source.take(2)
        first.reset([0], ["go"])
        second.reset([0, 1], ["go"] * 2)
        steps = [float(first.act(blank(1))[0, 0]) for _ in range(2)]
        assert (steps, float(second.act(blank(2))[1, 0])) == (pytest.approx([0.01, 0.02]), pytest.approx(0.01))
        assert first._owner.address.socket == second._owner.address.socket
        source.give_back(first)
        assert float(second.act(blank(2))[1, 0]) == pytest.approx(0.02)
        source.give_back(second)
        assert hosted("Shares", broker).is_shareable


@pytest.mark.parametrize(
    ("name", "sentence"), [("Segfaults", "killed by SIGSEGV"), ("HangsInReset", "did not return within 2 s")]
)
def test_a_policy_of_ones_own_that_ends_or_hangs_is_found_before_anyone_is_served(name, sentence) -> None:
    with (
        HostBroker() as broker,
        pytest.raises(InputError, match=f"can't be served: its first call failed: .*{sentence}"),
    ):
        hosted(name, broker).try_out(1)


def blank(slots: int) -> ObservationBatch:
    return ObservationBatch(
        np.zeros((slots, 8, 8, 3), np.uint8), np.zeros((slots, 6), np.float32), np.ones(slots, bool)
    )


def test_a_policy_that_sees_the_true_world_is_not_served() -> None:
    with pytest.raises(InputError, match="sees the true world"):
        PolicySource(lambda: make_policy("expert"))


@pytest.mark.parametrize(
    ("answer", "message"), [(lambda n: 1 / 0, "ZeroDivisionError"), (lambda n: np.zeros(3), "returned shape")]
)
def test_a_policy_that_fails_is_found_before_anyone_is_served(answer, message) -> None:
    class Failing(Counting):
        spec = PolicySpec("failing", None, 0.1, (0.0, 0.0, 0.0))

        def __init__(self) -> None:
            """Nothing to load."""

        def share(self) -> Failing:
            return self

        def reset(self, slots, instructions) -> None:
            """Nothing to forget."""

        def act(self, batch) -> np.ndarray:
            return answer(len(batch.live))

    with pytest.raises(InputError, match=f"'failing' can't be served: its first call raised .*{message}"):
        PolicySource(Failing).try_out(2)
