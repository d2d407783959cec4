"""``python -m sim.record``: record demonstrations as a data set.

Episodes are driven in batches by spawned workers; the parent writes them in episode order, so a data set doesn't depend
on the number of workers.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from policies.host.parsers.probing import probe_files
from policies.inference.runtime import count_cores
from policies.names.parsing import parse_policy
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

CAPTION_EVERY = 8  # frames from caption to caption in the expert's data sets
DEFAULT_EPISODES = 100
DISCARDED = "the data set being recorded was discarded"
SPLITS = {"train": splits.TRAIN, "validation": splits.VALIDATION, "test": splits.TEST}


def make_parser() -> cli.Parser:
    """Make the command-line parser. Names are checked later, against the registries."""
    parser = cli.Parser(
        prog="python -m sim.record",
        description="Record demonstrations as a LeRobot v3 data set (parquet, mp4, meta), or in the published layout.",
    )
    _add_what_to_record(parser)
    _add_driving(parser)
    _add_execution(parser)
    _add_output(parser)
    return parser


def _add_what_to_record(parser: cli.Parser) -> None:
    add = parser.add_argument_group("what to record").add_argument
    add(
        "--set",
        type=cli.known_name("set", (teleop.TELEOP,)),
        dest="kind",
        metavar=teleop.TELEOP,
        help="the published kind of data set: 72 episodes of 18 key presses",
    )
    add(
        "--scenario",
        type=cli.parse_name_list,
        metavar="NAME[,…]",
        help=f"scenarios, separated by commas: {', '.join(SCENARIOS)}; 'all'; a .yaml file; FILE.py:NAME for a family "
        "of your own; several get a folder each in --out (default: corridor)",
    )
    add(
        "--episodes",
        type=cli.bounded_int(1),
        metavar="N",
        help=f"number of episodes of each scenario (default: {DEFAULT_EPISODES})",
    )
    add(
        "--split",
        type=cli.known_name("split", tuple(SPLITS)),
        metavar="|".join(SPLITS),
        help="the split that the seed must belong to (default: train, but any seed is allowed)",
    )
    add(
        "--seed",
        type=cli.bounded_int(0),
        metavar="N",
        help="seed of the suite of episodes (default: the split's first)",
    )


def _add_driving(parser: cli.Parser) -> None:
    add = parser.add_argument_group("driving").add_argument
    add("--policy", metavar="NAME", help="policy that drives: a name or a checkpoint folder (default: expert)")
    add(
        "--mix",
        type=cli.bounded_float(0.0, 1.0),
        metavar="P",
        help="probability that the expert drives in the policy's place, sampled for each second (default: 0)",
    )
    add(
        "--noise",
        type=cli.known_name("noise", ("bursts", "none")),
        metavar="bursts|none",
        help="noise added to the executed actions (default: bursts for the expert, otherwise none)",
    )
    add(
        "--label",
        type=cli.known_name("label", (EXPERT,)),
        default=EXPERT,
        metavar=EXPERT,
        help="policy whose actions are the labels",
    )


def _add_execution(parser: cli.Parser) -> None:
    add = parser.add_argument_group("execution").add_argument
    add("--workers", type=cli.bounded_int(1), default=count_cores(), metavar="N", help="number of processes")
    add(
        "--renderer",
        type=cli.known_name("renderer", ("auto", "gl", "gpu", "tiny")),
        default="auto",
        metavar="auto|gl|gpu|tiny",
        help="camera: OpenGL (gpu: never in software), PyBullet's TinyRenderer, or OpenGL where it is available",
    )


def _add_output(parser: cli.Parser) -> None:
    add = parser.add_argument_group("output").add_argument
    add("--out", type=Path, required=True, metavar="DIR", help="new folder for the data set")
    add(
        "--format",
        type=cli.known_name("format", LAYOUTS),
        default=LAYOUTS[0],
        metavar="|".join(LAYOUTS),
        help="LeRobot v3, or the published layout",
    )
    add(
        "--captions",
        type=cli.bounded_int(0),
        metavar="K",
        help=f"caption every K-th frame, 0: none (default: {CAPTION_EVERY} for the expert, otherwise 0)",
    )
    add(
        "--keep",
        type=cli.known_name("choice", ("all", "success")),
        metavar="all|success",
        help="episodes to keep (default: success for the expert, otherwise all)",
    )


def _seed(options: argparse.Namespace) -> int:
    """Return the suite seed: the given one, or the first of the split."""
    if options.seed is None:
        return SPLITS[options.split or "train"].start
    return options.seed if options.split is None else splits.check_split(options.split, options.seed)


def _recording_configs(options: argparse.Namespace) -> list[tuple[RecordingConfig, Path]]:
    """Return the data sets to record, and their folders.

    Raises:
        InputError: An unknown scenario, a seed of another split, or an option that conflicts with ``--set``.
    """
    if options.kind is not None:
        return [(_teleop_config(options), options.out)]
    requested = options.scenario or ("corridor",)
    names = tuple(SCENARIOS) if requested == ("all",) else requested
    folders = [get_scenario(name).name for name in names]
    for number, folder in enumerate(folders):
        if folder in folders[:number]:
            first = names[folders.index(folder)]
            raise InputError(
                f"'{first}' and '{names[number]}' are both called '{folder}': change the 'name:' of one of them"
            )
    configs = [_recording_config(options, name) for name in names]
    if len(configs) == 1:
        return [(configs[0], options.out)]
    return [(config, options.out / folder) for config, folder in zip(configs, folders, strict=True)]


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
    """Describe the result in two lines; every discarded episode is counted."""
    failed = {status: count for status, count in sorted(recorded.statuses.items()) if status != "success"}
    failures = ", ".join(f"{count} {status}" for status, count in failed.items()) or "none failed"
    total = sum(recorded.statuses.values())
    return (
        f"{recorded.kept} of {total} episodes kept, {recorded.frames} frames, in {seconds:.0f} s: {out}\n"
        f"{recorded.statuses.get('success', 0)} succeeded; {failures}; {recorded.left_out} discarded"
    )


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0 (done), 2 (bad input, raised) or 3 (not complete)."""
    options = make_parser().parse_args(arguments)
    check_new_folder(options.out)
    if options.policy is not None:
        probe_files([parse_policy(options.policy)])
    limit_threads()
    terminated = signal.signal(signal.SIGTERM, _interrupt)
    try:
        _record_all(options)
    except KeyboardInterrupt:
        print(f"not complete: interrupted; {DISCARDED}", file=sys.stderr)
        return cli.INCOMPLETE
    except RecordingError as error:
        print(f"not complete: {error}; {DISCARDED}", file=sys.stderr)
        return cli.INCOMPLETE
    finally:
        signal.signal(signal.SIGTERM, terminated)
    return cli.DONE


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _record_all(options: argparse.Namespace) -> None:
    for config, out in _recording_configs(options):
        started = time.perf_counter()
        recorded = record_dataset(config, out, options.workers, options.format)
        print(format_summary(recorded, out, time.perf_counter() - started), flush=True)
        if count := recorded.statuses.get(POLICY_FAULT):
            print(f"warning: {count} episode{'s' * (count > 1)} ended with an error of the policy", file=sys.stderr)


if __name__ == "__main__":
    cli.run_cli(main)
