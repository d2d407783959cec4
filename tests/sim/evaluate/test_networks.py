"""Laws of the networks of a policy: found wherever it keeps them, and left in the mode that they had."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import nn

from sim.evaluate.networks import evaluation_mode, find_networks

ROOT = Path(__file__).parents[3]


@dataclass
class Holder:
    part: object


class Slotted:
    __slots__ = ("network",)

    def __init__(self, network):
        self.network = network


def closure_over(network):
    return lambda batch: network(batch)


@pytest.mark.parametrize(
    "keep",
    [
        lambda network: network,
        Holder,
        lambda network: Holder(Holder([{"deep": (Holder(network),)}])),
        lambda network: Holder({1: {network}}),
        Slotted,
        lambda network: Holder(functools.partial(max, key=network)),
        lambda network: Holder(Holder(network).__repr__),
        lambda network: Holder(closure_over(network)),
        lambda network: Holder(network.forward),
    ],
)
def test_a_network_is_found_wherever_a_policy_keeps_it(keep):
    network = nn.Sequential(nn.Linear(2, 2), nn.Dropout())
    assert find_networks(keep(network)) == [network]


def test_each_outermost_network_is_found_once_in_order():
    inner = nn.Linear(2, 2)
    first, second = nn.Sequential(inner), nn.Linear(3, 3)
    policy = Holder([inner, first, second, first])
    assert find_networks(policy) == [first, second]


def test_a_policy_that_refers_to_itself_or_to_large_data_is_no_problem():
    policy = Holder(None)
    policy.part = [policy, torch.zeros(10_000), bytearray(10_000), nn, Holder]
    assert find_networks(policy) == []
    network = nn.Linear(2, 2)
    policy.part = [list(range(200_000)), {"last": network}]
    assert find_networks(policy) == [network]


def test_without_torch_there_is_no_network_and_none_is_imported():
    code = (
        "import sys; from sim.evaluate.networks import find_networks; print(find_networks([]), 'torch' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout == "[] False\n"


def test_every_module_has_its_own_mode_again_also_after_an_error():
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout()).train()
    network[1].eval()
    modes = [module.training for module in network.modules()]
    with contextlib.suppress(KeyError), evaluation_mode([network]):
        assert not any(module.training for module in network.modules())
        raise KeyError
    assert [module.training for module in network.modules()] == modes
