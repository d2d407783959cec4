"""Every shipped policy with weights keeps the contract."""

from __future__ import annotations

from functools import partial

import pytest

from policies.check.contract.contract import check_contract
from policies.check.findings import FAULT, NOT_CHECKED
from policies.registry import CHECKPOINTS, make_policy
from policies.systems.table import SYSTEMS

UNSHIPPED = {"wordless"}  # trained by whoever wants it


def is_shipped(name: str) -> bool:
    return name not in UNSHIPPED or (CHECKPOINTS / name).is_dir()


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SYSTEMS if is_shipped(name)])
def test_a_shipped_policy_keeps_the_contract(name: str) -> None:
    findings = check_contract(partial(make_policy, name))
    wrong = [finding for finding in findings if finding.verdict in (FAULT, NOT_CHECKED)]
    assert [finding for finding in wrong if finding.check != "speed"] == []  # which depends on what else runs
