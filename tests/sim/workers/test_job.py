"""Laws of a job as a value."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from sim.workers.job import Job


def test_a_job_waits_for_nothing_and_has_no_folder_unless_told() -> None:
    job = Job("name", {"any": "work"})
    assert (job.after, job.out) == (frozenset(), None)


def test_a_job_is_changed_only_by_making_another() -> None:
    job = Job("name", "work", Path("out"), frozenset(["first"]))
    with pytest.raises(FrozenInstanceError):
        job.name = "other"  # type: ignore[misc]
    assert replace(job, after=frozenset()) == Job("name", "work", Path("out"))
