from __future__ import annotations

import pytest

from policies.names.flags import POLICY_HELP, add_policy_flags, read_policy_flags
from policies.names.kinds import KINDS
from scenarios.common import cli
from scenarios.common.errors import InputError


def read(*arguments: str):
    parser = cli.Parser(prog="it")
    parser.add_argument("--policy", type=cli.parse_name_list, required=True)
    add_policy_flags(parser.add_argument)
    options = parser.parse_args(arguments)
    return read_policy_flags(options.policy, options)


def test_the_flags_are_in_every_policys_reference(tmp_path) -> None:
    (tmp_path / "mine.py").write_text("class A: ...\n")
    (reference,) = read("--policy", f"a={tmp_path}/mine.py:A", "--policy-args", '{"k": 1}', "--replan", "4")
    assert reference.arguments is not None
    assert (reference.label, reference.arguments.node.plain(), reference.replan) == ("a", {"k": 1}, 4)


@pytest.mark.parametrize("replan", ["0", "-1", "1001", "half"])
def test_a_replan_horizon_is_a_number_of_actions(replan: str) -> None:
    with pytest.raises(InputError, match="--replan"):
        read("--policy", "zero", "--replan", replan)


def test_help_tells_every_kind_with_an_example() -> None:
    assert all(kind.example in POLICY_HELP for kind in KINDS)
