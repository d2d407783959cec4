"""Networks of a policy: what copies share, and the hash of their weights."""

from __future__ import annotations

import pytest

from policies.host.standalone.networks import copy_policy, count_parameters, hash_weights


class Network:
    """A policy with a weight, a buffer and a state."""

    def __init__(self) -> None:
        torch = pytest.importorskip("torch")
        self.networks = {"deep": [torch.nn.BatchNorm1d(4)]}
        self.history: list[int] = []


def test_a_copy_shares_weights_and_nothing_else() -> None:
    policy = Network()
    twin = copy_policy(policy)
    (mine,), (yours,) = policy.networks["deep"], twin.networks["deep"]
    assert mine is not yours
    assert all(a is b for a, b in zip(mine.parameters(), yours.parameters(), strict=True))
    assert mine.running_mean is not yours.running_mean
    twin.history.append(1)
    assert policy.history == []


def test_parameters_are_counted_once() -> None:
    policy = Network()
    policy.networks["same"] = policy.networks["deep"]
    assert count_parameters(policy) == 8  # a weight and a bias of four channels each
    assert count_parameters(object()) == 0


def test_the_hash_of_hosted_weights_is_that_of_an_evaluation_in_its_own_process() -> None:
    pytest.importorskip("torch")
    from policies.inference.weights import hash_networks

    policy = Network()
    assert hash_weights(policy) == hash_networks(policy.networks["deep"]) is not None
