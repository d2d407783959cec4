"""Whatever a policy does, it costs no other policy a row or a digest, and each of its episodes says how it ended.

A third of the table is driven, another one each day; ``MOBILE_VLA_FUZZ=1 pytest tests/misbehaving`` drives all of it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import time

import pytest

from .runs import CALM, EPISODES, ROOT, SHIPPED, Case, Run, drive, find_tracebacks, list_cases, shows_own_code

CASES = list_cases()
THIRDS = 3
CASES_IN_A_RUN = 24
MOST_OUTPUT = 12_000_000  # characters: some print tens of megabytes


def choose_cases() -> list[Case]:
    """All cases if asked to, otherwise today's third of them."""
    possible = [case for case in CASES if not case.needs or importlib.util.find_spec(case.needs)]
    if os.environ.get("MOBILE_VLA_FUZZ"):
        return possible
    today = int(time.time()) // 86_400
    return [case for case in possible if (hashlib.sha256(case.name.encode()).digest()[0] + today) % THIRDS == 0]


CHOSEN = choose_cases()
PARTS = [CHOSEN[first : first + CASES_IN_A_RUN] for first in range(0, len(CHOSEN), CASES_IN_A_RUN)]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of the well-behaved policies alone."""
    return drive(tmp_path_factory.mktemp("alone"), [])


def test_the_table_has_at_least_ninety_policies_each_with_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 90
    page = (ROOT / "docs" / "how-to" / "evaluate-a-policy.md").read_text()
    assert f"a table of {len(names)} policies" in page


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("cases", PARTS, ids=lambda cases: cases[0].name)
def test_misbehaving_policies_cost_others_nothing_and_their_episodes_say_why_they_ended(cases, alone, tmp_path) -> None:
    run = drive(tmp_path, cases)
    assert describe_wrong(run, cases, alone) == []
    for policy in (CALM, SHIPPED):
        assert run.read_digests(policy) == alone.read_digests(policy)
    assert len(run.rows) == EPISODES * (len(cases) + 2)
    assert run.left == []
    failed = [case.name for case in cases if case.cause is not None]
    assert run.code == (2 if failed else 0), run.output[-2000:]  # the code for a policy that failed in every episode
    assert not failed or f"error: policy '{failed[0]}' failed in each of its {EPISODES} episodes: " in run.output
    tracebacks = find_tracebacks(run.output)
    assert [text for text in tracebacks if shows_own_code(text)] == []
    assert not tracebacks or any(case.shows_traceback for case in cases)
    assert len(run.output) < MOST_OUTPUT
    assert "<script>alert(1)" not in run.page


def describe_wrong(run: Run, cases: list[Case], alone: Run) -> list[str]:
    """Name each policy that has not one row for each episode, or another end than it should."""
    wrong = []
    for case in cases:
        rows = run.find_rows(case.name)
        if len(rows) != EPISODES or not all(case.is_met(row, alone.read_digests(CALM)) for row in rows.values()):
            ends = [(row["status"], row["error"], row["digest"][:8]) for row in rows.values()]
            wrong.append(f"{case.name} (expected {case.cause}): {ends}")
    return wrong
