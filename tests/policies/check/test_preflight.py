"""Before an evaluation a worthless policy is refused in one sentence, and a doubtful one is warned of."""

from __future__ import annotations

import pytest
from faulty_policies import IsTiny, LeaksBetweenSlots, Raises, Sound

from policies.check.preflight import check_before_driving
from scenarios.common.errors import InputError


def test_a_sound_policy_passes_without_a_word() -> None:
    assert check_before_driving(Sound(), "mine.py:Sound", 10) == []


def test_a_doubtful_policy_is_warned_of() -> None:
    (warning,) = check_before_driving(IsTiny(), "mine.py:IsTiny", 10)
    assert warning.startswith("policy 'mine.py:IsTiny': range: no action is above")


@pytest.mark.parametrize(
    ("broken", "reason"), [(LeaksBetweenSlots, "slots: slot 0"), (Raises, "faulty_policies.py, line")]
)
def test_a_worthless_policy_is_refused_with_the_reason_and_the_way_out(broken: type[Sound], reason: str) -> None:
    with pytest.raises(InputError, match=reason) as raised:
        check_before_driving(broken(), "mine.py:It", 10)
    assert "python -m policies.check mine.py:It" in str(raised.value)
    assert "--no-check" in str(raised.value)
