"""Records demonstrations as a LeRobot data set: ``python -m sim.record --policy expert --scenario corridor ...``.

Episodes are driven in blocks by spawned workers, which leave the frames in temporary files; the parent encodes them in
episode order, so a data set doesn't depend on the number of workers.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from policies.dataset import DatasetWriter
from scenarios.errors import InputError
from scenarios.registry import get_scenario
from sim import command
from sim.driver import Disturbance
from sim.rollout import POLICY_FAULT
from sim.stage import BLOCK, EXPERT, RecordPlan, Stage, Take
from sim.worker import SINGLE_THREADED

CAPTION_EVERY = 8  # frames, where captions are asked for without saying how often


@dataclass(frozen=True)
class Recorded:
    """What came of a plan: how many episodes ended how, and what the data set holds."""

    statuses: dict[str, int]
    kept: int
    frames: int

    @property
    def left_out(self) -> int:
        return sum(self.statuses.values()) - self.kept


def record(plan: RecordPlan, out: Path, workers: int = 1) -> Recorded:
    """Record a plan into the new folder ``out``; nothing that a reader accepts stands there before the end.

    Args:
        plan: What to record.
        out: The data set's folder.
        workers: Processes that drive; with 1, this process does.

    Raises:
        InputError: Unknown names, a policy or renderer that can't be had, or no episode that could be kept.
    """
    get_scenario(plan.scenario)
    statuses: Counter[str] = Counter()
    kept = frames = 0
    out.parent.mkdir(parents=True, exist_ok=True)
    drive = _here(plan) if workers == 1 else _by_workers(plan, out, workers)
    with contextlib.closing(drive), DatasetWriter(out) as writer:
        for demonstration, status in drive:
            statuses[status] += 1
            if demonstration is not None:
                writer.add(demonstration)
                kept += 1
                frames += len(demonstration.actions)
        if kept == 0:
            ended = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
            raise InputError(f"no episode could be kept for '{out}' ({ended}): '--keep all' keeps failures, too")
    return Recorded(dict(statuses), kept, frames)


def _blocks(plan: RecordPlan) -> Iterator[range]:
    return (range(first, min(first + BLOCK, plan.episodes)) for first in range(0, plan.episodes, BLOCK))


def _here(plan: RecordPlan) -> Generator[Take, None, None]:
    """All episodes in order, driven by this process."""
    stage = Stage(plan)
    try:
        for numbers in _blocks(plan):
            yield from stage.record(numbers)
    finally:
        stage.close()


def _by_workers(plan: RecordPlan, out: Path, workers: int) -> Generator[Take, None, None]:
    """All episodes in order, driven ahead of the reader by at most two blocks per worker."""
    with (
        tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch,
        ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_single_threaded) as pool,
    ):
        pending: deque[tuple[Future[list[Take]], range]] = deque()
        try:
            for numbers in _blocks(plan):
                pending.append((pool.submit(_record_to_files, plan, numbers, Path(scratch)), numbers))
                if len(pending) > 2 * workers:
                    yield from _fetched(*pending.popleft(), Path(scratch))
            while pending:
                yield from _fetched(*pending.popleft(), Path(scratch))
        finally:
            pool.shutdown(cancel_futures=True)


def _single_threaded() -> None:
    """One thread per worker: more only take turns, and their number would move a policy's last bits."""
    os.environ.update(SINGLE_THREADED)


@cache
def _stage(plan: RecordPlan) -> Stage:
    """This worker's stage: contexts and weights take long to build, and go when the worker does."""
    return Stage(plan)


def _record_to_files(plan: RecordPlan, numbers: range, scratch: Path) -> list[Take]:
    """In a worker: drive a block, leave its frames in files, and send the rest."""
    takes = []
    for number, (demonstration, status) in zip(numbers, _stage(plan).record(numbers), strict=True):
        if demonstration is not None:
            np.save(_frames_file(scratch, number), demonstration.pixels)
            demonstration = replace(demonstration, pixels=np.zeros((0,), np.uint8))
        takes.append((demonstration, status))
    return takes


def _fetched(block: Future[list[Take]], numbers: range, scratch: Path) -> Iterator[Take]:
    for number, (demonstration, status) in zip(numbers, block.result(), strict=True):
        if demonstration is not None:
            file = _frames_file(scratch, number)
            demonstration = replace(demonstration, pixels=np.load(file))
            file.unlink()
        yield demonstration, status


def _frames_file(scratch: Path, number: int) -> Path:
    return scratch / f"{number}.npy"


def _parser() -> command.Parser:
    parser = command.Parser(
        prog="python -m sim.record", description="Record demonstrations as a LeRobot v3 data set (parquet, mp4, meta)."
    )
    parser.add_argument("--policy", default=EXPERT, help="who drives: a name or a checkpoint folder")
    parser.add_argument("--scenario", default="corridor", help="family of scenes")
    parser.add_argument("--episodes", type=command.whole_number(1), default=100, help="how many episodes to drive")
    parser.add_argument("--seed", type=command.whole_number(0), default=1000, help="suite seed; training: 1000 to 1999")
    parser.add_argument("--out", type=Path, required=True, help="new folder for the data set")
    parser.add_argument("--workers", type=command.whole_number(1), default=os.cpu_count() or 1, help="processes")
    parser.add_argument(
        "--noise", choices=("bursts", "none"), help="what disturbs the driver (default: bursts for the expert)"
    )
    parser.add_argument("--label", choices=(EXPERT,), default=EXPERT, help="whose answers are the actions to imitate")
    parser.add_argument(
        "--mix", type=command.number(0.0, 1.0), default=0.0, help="probability that the expert drives a second of it"
    )
    parser.add_argument(
        "--captions",
        type=command.whole_number(0),
        metavar="K",
        help=f"caption every K-th frame, 0: none (default: {CAPTION_EVERY} for the expert, else 0)",
    )
    parser.add_argument("--renderer", choices=("auto", "gl", "tiny"), default="auto", help="which camera draws")
    parser.add_argument(
        "--keep", choices=("all", "success"), help="which episodes stay (default: success for the expert, else all)"
    )
    return parser


def _plan(arguments: argparse.Namespace) -> RecordPlan:
    by_expert = arguments.policy == EXPERT
    noise = arguments.noise or ("bursts" if by_expert else "none")
    captions = arguments.captions if arguments.captions is not None else (CAPTION_EVERY if by_expert else 0)
    return RecordPlan(
        policy=arguments.policy,
        scenario=arguments.scenario,
        suite_seed=arguments.seed,
        episodes=arguments.episodes,
        disturbance=Disturbance(bursts=noise == "bursts", expert_share=arguments.mix),
        caption_every=captions,
        keep_failures=(arguments.keep or ("success" if by_expert else "all")) == "all",
        renderer=arguments.renderer,
    )


def summary(recorded: Recorded, out: Path, seconds: float) -> str:
    """What came of it, in two lines: nothing is dropped without a word."""
    failed = {status: count for status, count in sorted(recorded.statuses.items()) if status != "success"}
    endings = ", ".join(f"{count} {status}" for status, count in failed.items()) or "none failed"
    total = sum(recorded.statuses.values())
    return (
        f"{recorded.kept} of {total} episodes kept, {recorded.frames} frames, in {seconds:.0f} s: {out}\n"
        f"{recorded.statuses.get('success', 0)} succeeded; {endings}; {recorded.left_out} left out"
    )


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    command.fresh_folder(options.out)
    _single_threaded()
    started = time.perf_counter()
    recorded = record(_plan(options), options.out, options.workers)
    print(summary(recorded, options.out, time.perf_counter() - started))
    if recorded.statuses.get(POLICY_FAULT):
        print(f"warning: {recorded.statuses[POLICY_FAULT]} episodes ended by a fault of the policy", file=sys.stderr)
    return command.DONE


if __name__ == "__main__":
    command.run(main)
