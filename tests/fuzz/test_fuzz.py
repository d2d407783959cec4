"""Whatever is in a file or message of others, its loader returns a result, or one sentence.

``MOBILE_VLA_FUZZ=100000 pytest tests/fuzz`` tries more inputs; equal numbers make equal inputs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Report, Target, fuzz
from targets import TARGETS

pytestmark = pytest.mark.slow  # all together about half a minute

INPUTS = int(os.environ.get("MOBILE_VLA_FUZZ", "5000"))
FIRST = int(os.environ.get("MOBILE_VLA_FUZZ_FIRST", "1"))  # number of the first input: another one has other inputs
MOST_SHOWN = 5  # inputs of a kind of fault


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of small files are written to it."""
    shared = Path("/dev/shm")
    made = tempfile.mkdtemp(prefix="fuzz-", dir=shared if os.access(shared, os.W_OK) else None)
    yield Path(made)
    shutil.rmtree(made, ignore_errors=True)


def count_inputs(target: Target) -> int:
    """A target's share of all inputs."""
    return max(1, INPUTS * target.weight // sum(each.weight for each in TARGETS))


def show(report: Report) -> str:
    return "\n".join(
        f"{kind} ({len(found)} inputs): " + "; ".join(found[:MOST_SHOWN]) for kind, found in report.faults.items()
    )


@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_input_ends_in_a_result_or_a_sentence(target: Target, folder: Path) -> None:
    inputs = count_inputs(target)
    report = fuzz(target, range(FIRST, FIRST + inputs), folder)
    print(f"{target.name}: {dict(report.counts)}")
    assert not report.faults, show(report)
    assert report.counts["inputs"] == inputs
    assert report.counts["sentence"] > 0
