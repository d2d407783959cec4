"""Laws of claims: of all that want a job, one gets it; nobody waits for the dead; nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.evaluate.shards.claims import BEATS, LONGEST_LOOK, MOST_TURNS, JobClaims
from sim.workers.job import ClaimResult, Job

ROOT = Path(__file__).resolve().parents[4]
WORKER = ROOT / "tests/sim/claiming_worker.py"
JOB, OTHER = Job("a block", 1), Job("another", 2)
OURS, TAKEN, DONE = ClaimResult.OURS, ClaimResult.TAKEN, ClaimResult.DONE
LEASE_S = 1200.0
LOOK_S = LEASE_S / BEATS


class Clock:
    """The monotonic clock of this process, which stands still until a test advances it."""

    def __init__(self):
        self.time_s = 1000.0

    def watch(self, claims, job, seconds):
        """Advance by so many seconds, while a process tries to claim a job again and again; return what came of it."""
        results = [claims.claim(job)]
        for _ in range(round(seconds / LOOK_S)):
            self.time_s += LOOK_S
            results.append(claims.claim(job))
        return results


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.time_s)
    return clock


@pytest.fixture
def claims(tmp_path):
    """Makes the claims of a process; all share a folder."""
    opened = []

    def make(owner, lease_s=LEASE_S):
        opened.append(JobClaims(tmp_path / "claims", owner, lease_s).__enter__())
        return opened[-1]

    yield make
    for each in opened:
        each.__exit__()


def beat(folder, time_s):
    """Date the heartbeats of all claims."""
    for path in (folder / "claims").glob("*.[0-9]*"):
        os.utime(path, (time_s, time_s))


def test_one_process_has_a_job_until_it_is_done(claims):
    one, two = claims("one"), claims("two")
    assert [one.claim(JOB), two.claim(JOB), one.claim(JOB), two.claim(OTHER)] == [OURS, TAKEN, OURS, OURS]
    one.finish(JOB)
    two.refresh()
    assert two.is_done(JOB)
    assert not two.is_done(OTHER)
    assert [two.claim(JOB), one.claim(OTHER)] == [DONE, TAKEN]


def test_a_claim_that_is_silent_longer_than_the_lease_is_taken_over_once(claims, clock):
    one, two, three = claims("one"), claims("two"), claims("three")
    assert one.claim(JOB) is OURS
    assert set(clock.watch(two, JOB, LEASE_S)) == {TAKEN}
    assert three.claim(JOB) is TAKEN
    assert clock.watch(two, JOB, 2 * LOOK_S)[-2:].count(OURS) >= 1
    assert set(clock.watch(three, JOB, 0.9 * LEASE_S)) == {TAKEN}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times_s=st.lists(st.integers(1, 2**32), min_size=20, max_size=40, unique=True))
def test_an_owner_that_beats_keeps_its_claim_however_the_clock_of_the_server_jumps(tmp_path_factory, clock, times_s):
    folder = tmp_path_factory.mktemp("jumps")
    with JobClaims(folder / "claims", "one", LEASE_S) as one, JobClaims(folder / "claims", "two", LEASE_S) as two:
        assert one.claim(JOB) is OURS
        assert two.claim(JOB) is TAKEN
        for time_s in times_s:
            beat(folder, time_s)
            assert set(clock.watch(two, JOB, LOOK_S)) == {TAKEN}


@pytest.mark.parametrize("jump_s", [-1e9, -LEASE_S, 0.0, LEASE_S, 1e9])
def test_a_silent_owner_is_waited_for_as_long_whatever_time_the_server_says(claims, clock, tmp_path, jump_s):
    one, two = claims("one"), claims("two")
    assert one.claim(JOB) is OURS
    beat(tmp_path, time.time() + jump_s)
    results = clock.watch(two, JOB, 2 * LEASE_S)
    assert results.index(OURS) == BEATS + 1


def test_time_in_which_nobody_watched_counts_little(claims, clock):
    """A job scheduler may suspend owner and watcher together, and let them go on together."""
    one, two = claims("one"), claims("two")
    assert one.claim(JOB) is OURS
    assert two.claim(JOB) is TAKEN
    clock.time_s += 100 * LEASE_S
    assert set(clock.watch(two, JOB, LEASE_S - LONGEST_LOOK * LOOK_S)) == {TAKEN}


def test_whoever_comes_back_late_finishes_and_the_other_may_too(claims, clock):
    one, two = claims("one"), claims("two")
    one.claim(JOB)
    assert OURS in clock.watch(two, JOB, 2 * LEASE_S)
    one.finish(JOB)
    two.finish(JOB)
    assert claims("three").claim(JOB) is DONE


def test_who_leaves_or_gives_up_leaves_its_jobs_at_once(claims, tmp_path, clock):
    with JobClaims(tmp_path / "claims", "one", LEASE_S) as one:
        one.claim(JOB)
        one.claim(OTHER)
        one.give_up(OTHER)
        assert claims("two").claim(OTHER) is OURS
        assert claims("three").claim(JOB) is TAKEN
    assert claims("four").claim(JOB) is OURS


def test_the_local_clock_is_never_asked(claims, tmp_path, monkeypatch):
    one, two = claims("one"), claims("two")
    one.claim(JOB)
    monkeypatch.setattr(time, "time", lambda: pytest.fail("a local clock"))
    assert two.claim(JOB) is TAKEN


def test_the_heartbeat_keeps_a_claim(claims, tmp_path):
    one = claims("one", lease_s=0.6)
    one.claim(JOB)
    path = next((tmp_path / "claims").glob("*.0"))
    os.utime(path, (1.0, 1.0))
    deadline = time.monotonic() + 60
    while path.stat().st_mtime == 1.0:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_job_that_everybody_leaves_is_not_started_for_ever(claims, tmp_path):
    for number in range(MOST_TURNS):
        with JobClaims(tmp_path / "claims", f"owner-{number}", LEASE_S) as each:
            assert each.claim(JOB) is OURS
    assert claims("last").claim(JOB) is TAKEN


def test_a_job_that_was_done_since_the_listing_is_not_done_again(claims, tmp_path):
    one, two = claims("one"), claims("two")
    two.refresh()
    assert one.claim(JOB) is OURS
    one.finish(JOB)
    assert two.claim(JOB) in (TAKEN, DONE)
    two.refresh()
    assert two.claim(JOB) is DONE


def start(folder, name, *more, lease_s, count=1000):
    command = [sys.executable, str(WORKER), str(folder), name, str(count), str(lease_s), *more]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


def rows(folder):
    lines = [line for path in folder.glob("*.rows") for line in path.read_text().splitlines()]
    return Counter(map(int, lines))


@pytest.mark.slow
def test_eight_workers_of_which_three_die_and_two_come_later_lose_no_block_and_drive_hardly_any_twice(tmp_path):
    """Of the three, one is stopped within a block and killed only when the others have taken it over."""
    first = [start(tmp_path, f"worker-{number}", lease_s=8) for number in range(5)]
    stopped = start(tmp_path, "stopped", "stop", lease_s=8)
    deadline = time.monotonic() + 240
    for victim, least in zip(first[:2], (150, 400), strict=True):
        while sum(rows(tmp_path).values()) < least:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        victim.send_signal(signal.SIGKILL)
    rest = [*first[2:], *(start(tmp_path, f"late-{number}", lease_s=8) for number in range(2))]
    assert [process.wait(timeout=240) for process in rest] == [0] * 5
    stopped.kill()
    stopped.wait()
    for victim in first[:2]:
        victim.wait()
    driven = rows(tmp_path)
    assert sorted(driven) == list(range(1000))
    assert sum(count - 1 for count in driven.values()) <= 10
