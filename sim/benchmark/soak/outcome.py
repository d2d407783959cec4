"""What is left of a soak: rows that are missing, doubled or blamed on the wrong policy, processes, files, memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from sim.benchmark.measurements import Measurement
from sim.benchmark.soak.policies import MISBEHAVING
from sim.results.run_files import ROWS
from sim.rollout.episode import POLICY_FAULT

GROUP = "soak"
LOST, DOUBLED, BLAMED = "rows that are missing", "rows that are there twice", "rows that blame a policy for our faults"
ORPHANS, LEFT = "processes that outlive the run", "files that are left"
MUST_BE_ZERO = (LOST, DOUBLED, BLAMED, ORPHANS, LEFT)
SHARE = 4  # memory is compared between the first and the last of as many parts


def read_keys(run: Path) -> list[tuple[str, str, str, int, str]]:
    """Return policy, scenario, perturbation, number and status of each row of a run."""
    lines = (run / ROWS).read_bytes().splitlines() if (run / ROWS).is_file() else []
    rows = [json.loads(line) for line in lines]
    return [(row["policy"], row["scenario"], row["perturbation"], row["episode"], row["status"]) for row in rows]


def judge_rows(keys: Sequence[tuple[str, str, str, int, str]], planned: int) -> Iterator[Measurement]:
    """Compare the rows with the plan."""
    counts = Counter(key[:4] for key in keys)
    blamed = [key for key in keys if key[4] == POLICY_FAULT and not key[0].endswith(MISBEHAVING)]
    yield Measurement(GROUP, "rows", len(counts), f"of {planned}")
    yield Measurement(GROUP, LOST, planned - len(counts), "rows")
    yield Measurement(GROUP, DOUBLED, len(keys) - len(counts), "rows")
    yield Measurement(GROUP, BLAMED, len(blamed), f"rows{': ' + str(blamed[0][:4]) if blamed else ''}")


def judge_left(orphans: Sequence[int], temporary: Path, run: Path) -> Iterator[Measurement]:
    """Count processes and files that should be gone."""
    files = [path for path in temporary.rglob("*") if path.is_file() or path.is_socket()]
    files += list(run.rglob(".*.partial"))
    yield Measurement(GROUP, ORPHANS, len(orphans), "processes")
    yield Measurement(GROUP, LEFT, len(files), f"files{': ' + files[0].name if files else ''}")


def judge_memory(samples_mb: Sequence[float]) -> Iterator[Measurement]:
    """Compare the parent's memory at the end with that at the start."""
    part = len(samples_mb) // SHARE
    if part:
        first, last = median(samples_mb[part : 2 * part]), median(samples_mb[-part:])
        yield Measurement(GROUP, "memory of the parent at the end", last, "MB", last / first)
