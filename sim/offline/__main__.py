"""``python -m sim.offline``: the error of policies' actions on recorded frames, against the demonstrator's actions.

Nothing is simulated. A low error doesn't mean that the robot reaches its goal: see ``python -m sim.evaluate``.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track

from policies.dataset.episodes import EpisodeDataset, open_dataset
from policies.dataset.mapping.resolve import describe_mapping
from policies.host.flags import add_hosting_flags, read_hosting_flags
from policies.host.parsers.probing import probe_files
from policies.names.flags import POLICY_HELP, add_policy_flags, add_runtime_flags, read_policy_flags, read_runtime_flags
from policies.names.parsing import pin_policies
from policies.names.reference import PolicyReference
from policies.policy import Policy
from policies.registry import open_policy
from scenarios.common import cli
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_file
from scenarios.lookup import check_scenario
from scenarios.registry import SCENARIOS
from sim.console.console import print_plain_line, standard_console
from sim.console.formatting import format_control, group_alike
from sim.offline.conventions import AXIS_COUNTS
from sim.offline.dataset_checks import TrainingSet
from sim.offline.frames.first_episodes import take_first_episodes
from sim.offline.held_out import check_cache, ensure_held_out
from sim.offline.metrics.metric import OfflineMetric
from sim.offline.metrics.registry import select_metrics
from sim.offline.metrics.score import ContestEntry
from sim.offline.metrics.table import print_contest
from sim.offline.score import score_policy
from sim.offline.table import print_score
from sim.results.codec import to_json
from sim.results.run_files import write_json
from sim.results.summary.offline_score import OfflineScore
from sim.workers.threads import limit_threads


class ScoredDataset(NamedTuple):
    """A data set to score.

    Attributes:
        scenario: The scenario of its held-out demonstrations; None if it was given by its folder.
        recording: The opened data set.
    """

    scenario: str | None
    recording: EpisodeDataset


def make_parser() -> cli.Parser:
    """Return the parser of the command's arguments."""
    flags = cli.Parser(prog="python -m sim.offline", description="Score policies on recorded frames.")
    add = flags.add_argument
    add("--policy", type=cli.parse_name_list, required=True, metavar="[LABEL=]NAME[,…]", help=POLICY_HELP)
    add_policy_flags(add)
    add_hosting_flags(add)
    where = flags.add_mutually_exclusive_group(required=True)
    where.add_argument("--dataset", type=Path, metavar="DIR", help="a LeRobot data set, or a folder of HDF5 files")
    scenarios = f"held-out demonstrations of {', '.join(SCENARIOS)}, or all, or a .yaml file; recorded once and cached"
    where.add_argument("--scenario", type=cli.parse_name_list, metavar="NAME[,…]", help=scenarios)
    add("--episodes", type=cli.bounded_int(1, 1_000_000), metavar="N", help="only the first N episodes (default: all)")
    mapping = "says which parts of --dataset are the camera, the actions, the state (default: guessed from names)"
    add("--mapping", type=Path, metavar="FILE.yaml", help=mapping)
    trained = "training data of the policies: report scored frames and scenes that it contains"
    add("--train", type=cli.parse_name_list, metavar="DIR[,…]", help=trained)
    add(
        "--convention",
        type=cli.known_name("convention", tuple(AXIS_COUNTS)),
        default="3d",
        help="2d (vx, vy) or 3d (vx, vy, wz)",
    )
    metrics = "also these offline metrics (listed in the documentation), 'mae*', all, or FILE.py:NAME"
    add("--metrics", type=cli.parse_name_list, default=(), metavar="NAME[,…]", help=metrics)
    retrains = "the same policy trained again with other seeds, for the offline metrics of uncertainty"
    add("--retrains", type=cli.parse_name_list, default=(), metavar="NAME[,…]", help=retrains)
    add_runtime_flags(add, ("device", "precision", "compile"))
    add("--out", type=Path, metavar="FILE", help="also write all results to this file, as JSON")
    return flags


def main(arguments: Sequence[str]) -> int:
    """Run the command; bad input raises ``InputError``."""
    options = make_parser().parse_args(arguments)
    references = pin_policies(read_policy_flags(options.policy, options, options.policy_python or ""))
    metrics = select_metrics(options.metrics)
    retrains = _read_retrains(options)
    probe_files((*references, *retrains))
    if options.out is not None:
        check_new_file(options.out, endings=(".json",))
    if options.mapping is not None and options.dataset is None:
        raise InputError("--mapping says how to read --dataset: give both, or none")
    limit_threads()
    console = standard_console()
    sources = _sources(options, console)
    training = (
        None
        if options.train is None
        else TrainingSet.from_recordings(_open_dataset("--train", Path(path)) for path in options.train)
    )
    runtime, hosting = read_runtime_flags(options), read_hosting_flags(options)
    scores: list[OfflineScore] = []
    contest: list[ContestEntry] = []
    privileged: set[str] = set()
    runtimes: dict[str, str] = {}
    controls: list[tuple[str, str]] = []
    for source, reference in _track_progress([(source, each) for source in sources for each in references]):
        with contextlib.ExitStack() as opened:  # new ones for each data set, so that no state is carried over
            policy = opened.enter_context(open_policy(reference, runtime, hosting))
            name, spec = reference.label, policy.spec
            score = score_policy(policy, source.recording, training)
            scores.append(replace(score, policy=name, scenario=source.scenario))
            if metrics:
                others = [opened.enter_context(open_policy(each, runtime, hosting)) for each in retrains]
                contest.append(_measure(policy, name, source, metrics, others))
        runtimes[name] = spec.runtime
        controls.append((name, format_control(spec.period_s, spec.image_size, spec.chunk, spec.replan)))
        privileged |= {name} if spec.privileged else set()
    for source in sources:
        root = str(source.recording.root)
        own = [score for score in scores if (score.scenario, score.dataset) == (source.scenario, root)]
        print_score(source.scenario or root, own, options.convention, privileged, console)
        if entries := [entry for entry in contest if (entry.scenario, entry.dataset) == (source.scenario, root)]:
            print_contest(source.scenario or root, entries, console)
    for text, names in group_alike(controls).items():
        print_plain_line(console, f"control of {', '.join(names)}: {text}")
    if options.out is not None:
        found = {
            "schema": 1,
            "train": options.train,
            "runtimes": runtimes,
            "controls": dict(controls),
            "offline": to_json(scores),
            "metrics": to_json(contest),
        }
        write_json(options.out, found)
        print(f"results: {options.out}")
    if all(score.error is not None for score in scores):
        raise InputError(f"no policy could be scored: {scores[0].policy}: {scores[0].error}")
    return cli.DONE


def _read_retrains(options: argparse.Namespace) -> tuple[PolicyReference, ...]:
    """The retrains; flags that say how policies are made don't name them."""
    if not options.retrains:
        return ()
    return pin_policies(
        read_policy_flags(options.retrains, argparse.Namespace(**{**vars(options), "policy_args": None}))
    )


def _measure(
    policy: Policy, name: str, source: ScoredDataset, metrics: Sequence[OfflineMetric], retrains: Sequence[Policy]
) -> ContestEntry:
    from sim.offline.metrics.measure import measure_policy  # imports the simulation

    scores = measure_policy(policy, source.recording, metrics, retrains)
    return ContestEntry(name, source.scenario, str(source.recording.root), scores)


def _sources(options: argparse.Namespace, console: Console) -> list[ScoredDataset]:
    if options.dataset is not None:
        recording = _open_dataset("--dataset", options.dataset, options.mapping)
        print_plain_line(console, describe_mapping(recording.root, recording.mapping) + "\n")
        return [ScoredDataset(None, take_first_episodes(recording, options.episodes))]
    names = tuple(SCENARIOS) if options.scenario == ("all",) else options.scenario
    for name in names:
        check_scenario(name, ("all",))
    check_cache(names)
    recordings = {name: _open_dataset("--scenario", ensure_held_out(name)) for name in names}
    return [ScoredDataset(name, take_first_episodes(each, options.episodes)) for name, each in recordings.items()]


def _open_dataset(flag: str, folder: Path, mapping: Path | None = None) -> EpisodeDataset:
    if not folder.is_dir():
        raise InputError(f"{flag} '{folder}': no such folder")
    return open_dataset(folder, mapping)


def _track_progress(
    work: Sequence[tuple[ScoredDataset, PolicyReference]],
) -> Iterable[tuple[ScoredDataset, PolicyReference]]:
    """Show a progress bar on stderr, if it is a terminal."""
    console = Console(stderr=True)
    return track(work, "scoring", console=console, transient=True, disable=not console.is_terminal)


if __name__ == "__main__":
    cli.run_cli(main)
