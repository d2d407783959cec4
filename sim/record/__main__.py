"""Records demonstrations: ``python -m sim.record --policy expert --scenario corridor ...``, or ``--set teleop``.

Episodes are driven in batches by spawned workers; the parent writes them in episode order, so a data set doesn't depend
on the number of workers.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from scenarios.common import cli, splits
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_folder
from scenarios.lookup import get_scenario
from scenarios.registry import SCENARIOS
from sim.record.dataset import LAYOUTS, RecordingResult, record_dataset
from sim.record.drivers import teleop
from sim.record.drivers.dagger import ActionDisturbance
from sim.record.parallel import RecordingError
from sim.record.session import EXPERT, RecordingConfig
from sim.rollout.episode import POLICY_FAULT
from sim.workers.threads import limit_threads

CAPTION_EVERY = 8  # frames, where captions are asked for without saying how often
DEFAULT_EPISODES = 100
SPLITS = {"train": splits.TRAIN, "validation": splits.VALIDATION, "test": splits.TEST}


def _make_parser() -> cli.Parser:
    parser = cli.Parser(
        prog="python -m sim.record",
        description="Record demonstrations as LeRobot v3 data sets (parquet, mp4, meta) or in the published layout.",
    )
    parser.add_argument(
        "--set", choices=(teleop.TELEOP,), dest="kind", help="record the published kind of set: 72 x 18 key presses"
    )
    parser.add_argument("--policy", help="policy that drives: a name or a checkpoint folder (default: expert)")
    parser.add_argument(
        "--scenario",
        type=cli.parse_name_list,
        help="scenarios, separated by commas, or 'all'; several get a folder each in --out (default: corridor)",
    )
    parser.add_argument(
        "--episodes",
        type=cli.bounded_int(1),
        help=f"how many to drive of each family (default: {DEFAULT_EPISODES})",
    )
    parser.add_argument(
        "--split", choices=tuple(SPLITS), help="which seeds may be taken (default: train, with any seed)"
    )
    parser.add_argument("--seed", type=cli.bounded_int(0), help="suite seed (default: the first of the split)")
    parser.add_argument("--out", type=Path, required=True, help="new folder for the data set")
    parser.add_argument("--format", choices=LAYOUTS, default=LAYOUTS[0], help="layout of the files")
    parser.add_argument("--workers", type=cli.bounded_int(1), default=os.cpu_count() or 1, help="processes")
    parser.add_argument(
        "--noise", choices=("bursts", "none"), help="what disturbs the driver (default: bursts for the expert)"
    )
    parser.add_argument("--label", choices=(EXPERT,), default=EXPERT, help="whose actions are to be imitated")
    parser.add_argument(
        "--mix",
        type=cli.bounded_float(0.0, 1.0),
        help="probability that the expert drives a second of it (default: 0)",
    )
    parser.add_argument(
        "--captions",
        type=cli.bounded_int(0),
        metavar="K",
        help=f"caption every K-th frame, 0: none (default: {CAPTION_EVERY} for the expert, else 0)",
    )
    parser.add_argument("--renderer", choices=("auto", "gl", "tiny"), default="auto", help="auto, gl or tiny")
    parser.add_argument(
        "--keep", choices=("all", "success"), help="which episodes are kept (default: success for the expert, else all)"
    )
    return parser


def _seed(options: argparse.Namespace) -> int:
    """Return the suite seed that was asked for, by number or by split."""
    if options.seed is None:
        return SPLITS[options.split or "train"].start
    return options.seed if options.split is None else splits.check_split(options.split, options.seed)


def _recording_configs(options: argparse.Namespace) -> list[tuple[RecordingConfig, Path]]:
    """Return what is to be recorded, and where.

    Raises:
        InputError: An unknown family, a seed of another split, or an option that ``--set`` already decides.
    """
    if options.kind is not None:
        return [(_teleop_config(options), options.out)]
    asked = options.scenario or ("corridor",)
    names = tuple(SCENARIOS) if asked == ("all",) else asked
    folders = [get_scenario(name).name for name in names]
    for number, folder in enumerate(folders):
        if folder in folders[:number]:
            first = names[folders.index(folder)]
            raise InputError(
                f"'{first}' and '{names[number]}' are both called '{folder}': give one of them another 'name: …'"
            )
    plans = [_recording_config(options, name) for name in names]
    if len(plans) == 1:
        return [(plans[0], options.out)]
    return [(plan, options.out / folder) for plan, folder in zip(plans, folders, strict=True)]


def _teleop_config(options: argparse.Namespace) -> RecordingConfig:
    for name in ("policy", "scenario", "episodes", "noise", "mix", "keep"):
        if getattr(options, name) is not None:
            raise InputError(f"--set {options.kind} already decides --{name}: leave it out")
    seed = _seed(options)
    if options.split is None:
        splits.check_split("train", seed)
    numbers = teleop.select_episodes(seed)
    return RecordingConfig(
        policy=teleop.TELEOP,
        scenario=teleop.SCENARIO,
        suite_seed=seed,
        episodes=len(numbers),
        caption_every=options.captions or 0,
        renderer=options.renderer,
        numbers=numbers,
    )


def _recording_config(options: argparse.Namespace, scenario: str) -> RecordingConfig:
    policy = options.policy or EXPERT
    by_expert = policy == EXPERT
    noise = options.noise or ("bursts" if by_expert else "none")
    captions = options.captions if options.captions is not None else (CAPTION_EVERY if by_expert else 0)
    return RecordingConfig(
        policy=policy,
        scenario=scenario,
        suite_seed=_seed(options),
        episodes=options.episodes or DEFAULT_EPISODES,
        disturbance=ActionDisturbance(bursts=noise == "bursts", expert_share=options.mix or 0.0),
        caption_every=captions,
        keep_failures=(options.keep or ("success" if by_expert else "all")) == "all",
        renderer=options.renderer,
    )


def format_summary(recorded: RecordingResult, out: Path, seconds: float) -> str:
    """Describe the result in two lines; every episode that was left out is counted."""
    failed = {status: count for status, count in sorted(recorded.statuses.items()) if status != "success"}
    endings = ", ".join(f"{count} {status}" for status, count in failed.items()) or "none failed"
    total = sum(recorded.statuses.values())
    return (
        f"{recorded.kept} of {total} episodes kept, {recorded.frames} frames, in {seconds:.0f} s: {out}\n"
        f"{recorded.statuses.get('success', 0)} succeeded; {endings}; {recorded.left_out} left out"
    )


def main(arguments: Sequence[str]) -> int:
    options = _make_parser().parse_args(arguments)
    check_new_folder(options.out)
    limit_threads()
    terminated = signal.signal(signal.SIGTERM, _interrupt)
    try:
        _record_all(options)
    except KeyboardInterrupt:
        print("not complete: stopped; nothing is left of the data set that was being recorded", file=sys.stderr)
        return cli.INCOMPLETE
    except RecordingError as error:
        print(f"not complete: {error}; nothing is left of the data set that was being recorded", file=sys.stderr)
        return cli.INCOMPLETE
    finally:
        signal.signal(signal.SIGTERM, terminated)
    return cli.DONE


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _record_all(options: argparse.Namespace) -> None:
    for plan, out in _recording_configs(options):
        started = time.perf_counter()
        recorded = record_dataset(plan, out, options.workers, options.format)
        print(format_summary(recorded, out, time.perf_counter() - started), flush=True)
        if recorded.statuses.get(POLICY_FAULT):
            print(
                f"warning: {recorded.statuses[POLICY_FAULT]} episodes ended by an error of the policy", file=sys.stderr
            )


if __name__ == "__main__":
    cli.run_cli(main)
