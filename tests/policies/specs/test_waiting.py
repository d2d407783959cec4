from __future__ import annotations

import pytest

from policies.specs.data_node import make_node
from policies.specs.waiting import WaitingRule, read_waiting_rule
from scenarios.common.errors import InputError


def test_what_is_not_given_is_as_usual_and_what_is_left_describes_the_policy() -> None:
    rule, left = read_waiting_rule(make_node({"connect_s": 3, "image_size": [8, 8]}, "here"))
    assert rule == WaitingRule(connect_s=3.0)
    assert left is not None
    assert left.plain() == {"image_size": [8, 8]}
    assert read_waiting_rule(make_node({"stale_answers": 2}, "here")) == (WaitingRule(stale_answers=2), None)
    assert read_waiting_rule(make_node({}, "here")) == (WaitingRule(), None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"timeout_s": 0}, "here, 'timeout_s': 'timeout_s' must be above 0 and at most 3600 s, not 0"),
        ({"connect_s": "soon"}, "'connect_s' must be a number, not 'soon'"),
        ({"stale_answers": -1}, "'stale_answers' must be 0 to 1000, not -1"),
        ({"stale_answers": 1.5}, "'stale_answers' must be a whole number, not 1.5"),
        ([1], "a policy server's arguments must be a mapping"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(given, message) -> None:
    with pytest.raises(InputError, match=message):
        read_waiting_rule(make_node(given, "here"))
