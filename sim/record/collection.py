"""Collection of demonstrations for training, found through the entry point ``mobile_vla_sim.collectors``.

Each data set of episodes is recorded by ``python -m sim.record`` in a process of its own. It starts single-threaded, as
the number of threads changes a policy's last bits and training uses several; and it frees the camera and all memory at
its end. Views need no policy.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from policies.train.collection import CollectionSpec, FamilyCollection, TeleopCollection, ViewCollection
from scenarios.common.errors import InputError
from scenarios.common.splits import split_of
from sim.record.drivers.teleop import TELEOP
from sim.record.views.record import record_views


def collect_demonstrations(spec: CollectionSpec, out: Path, workers: int) -> None:
    """Record a data set into the new folder ``out``; the output of driven episodes goes to a log beside it.

    Raises:
        InputError: The recording failed.
    """
    if isinstance(spec, ViewCollection):
        record_views(spec, out, workers)
        return
    log = out.with_suffix(".log")
    command = [sys.executable, "-m", "sim.record", *make_arguments(spec, workers), "--out", str(out)]
    with open(log, "w") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT) as recording:
        status = recording.wait()  # Ctrl-C reaches it, too, and it cleans up
    if status != 0:
        last = (log.read_text().strip().splitlines() or ["no output"])[-1]
        raise InputError(f"recording failed with exit code {status}: {last} (see {log})")


def make_arguments(spec: FamilyCollection | TeleopCollection, workers: int) -> list[str]:
    """Make the arguments of ``python -m sim.record`` for a data set, except its folder."""
    if isinstance(spec, TeleopCollection):
        split = split_of(spec.suite_seed)
        return ["--set", TELEOP, "--split", split, "--seed", str(spec.suite_seed), "--workers", str(workers)]
    return [
        *("--policy", spec.driver, "--scenario", spec.family),
        *("--episodes", str(spec.episodes), "--seed", str(spec.suite_seed)),
        *("--captions", str(spec.caption_every), "--workers", str(workers)),
    ]
