"""The options of ``python -m sim.evaluate``, and the request made from them."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from policies.host.hosting import parse_python
from policies.host.parsers.probing import probe_files
from policies.inference.runtime import count_cores
from policies.names.flags import POLICY_HELP, add_policy_flags, add_runtime_flags, read_policy_flags, read_runtime_flags
from policies.names.parsing import pin_policies
from scenarios.common import cli
from scenarios.common.errors import InputError
from scenarios.common.files import check_folder, is_scenario_file, shorten_name
from scenarios.perturbations import AXES
from scenarios.registry import SCENARIOS
from sim.evaluate.job_kinds import EvaluationSettings
from sim.evaluate.run.claimed_run import new_claimant_folder
from sim.evaluate.run.request import EvaluationRequest, check_destination, make_run_plan
from sim.evaluate.shards.sample import sample_blocks
from sim.evaluate.shards.shard import CLAIM, WHOLE, Shard, parse_shard
from sim.evaluate.suites.applied_suite import AppliedSuite, describe_options
from sim.evaluate.suites.suite_file import shipped_suites
from sim.evaluate.suites.suite_hash import hash_suite
from sim.offline.held_out import check_cache
from sim.results.folder import check_out_folder
from sim.results.manifest import OfflineSettings
from sim.results.plan import RunPlan
from sim.results.run_files import MANIFEST, SUITE_FILE, read_run
from sim.rollout.latency import MEASURED, parse_latency

LONGEST_FOLDER_NAME = 150  # bytes, without the time


def make_parser() -> cli.Parser:
    """Make the command-line parser. Names are checked later, against the registries."""
    parser = cli.Parser(
        prog="python -m sim.evaluate",
        description="Drive policies through scenarios in closed loop; report task success and offline error.",
    )
    _add_what_to_run(parser)
    _add_conditions(parser)
    _add_execution(parser)
    _add_output(parser)
    return parser


def _add_what_to_run(parser: cli.Parser) -> None:
    add = parser.add_argument_group("what to run").add_argument
    add(
        "--suite",
        metavar="NAME|FILE.yaml",
        help=f"what to run, from a file: {', '.join(shipped_suites())}, or one of your own; every run writes its own, "
        f"RUN/{SUITE_FILE}; flags beside it replace what it says",
    )
    add("--trust-code", action="store_true", help="run the Python code that a suite names, FILE.py:NAME")
    add(
        "--policy",
        type=cli.parse_name_list,
        metavar="[LABEL=]NAME[,…]",
        help=f"policies, separated by commas: {POLICY_HELP}",
    )
    add_policy_flags(add)
    add(
        "--scenario",
        "--env",
        type=cli.parse_name_list,
        metavar="NAME[,…]",
        help=f"scenarios, separated by commas: {', '.join(SCENARIOS)}; 'all'; a .yaml file; FILE.py:NAME for a family "
        "of your own; an environment id, such as MobileVLA/Corridor-v1",
    )
    add("--episodes", type=cli.bounded_int(1, 1_000_000), default=50, metavar="N", help="for each policy and scenario")
    add("--seed", type=cli.bounded_int(0, 2**31 - 1), default=0, metavar="N", help="seed of the suite of episodes")
    add(
        "--metric",
        type=cli.parse_name_list,
        default=(),
        metavar="FILE.py:NAME[,…]",
        help="metrics of your own to compute for each episode",
    )
    add(
        "--dataset", type=Path, metavar="DIR", help="data set for the offline error (default: recorded once and cached)"
    )
    mapping = "says which parts of --dataset are the camera, the actions, the state (default: guessed from names)"
    add("--mapping", type=Path, metavar="FILE.yaml", help=mapping)
    add("--no-offline", action="store_true", help="skip the offline error")


def _add_conditions(parser: cli.Parser) -> None:
    add = parser.add_argument_group("conditions").add_argument
    add(
        "--perturb",
        action="append",
        metavar="AXIS=LEVEL[,…]",
        help=f"drive each episode once more under this perturbation: levels 1 to 3 of {', '.join(AXES)}; several axes "
        "in one flag are combined, several flags are several perturbations, all=LEVEL takes each axis on its own",
    )
    add(
        "--probe",
        type=cli.known_name("probe", ("language",)),
        metavar="language",
        help="drive each episode once more under another instruction, in scenarios that have a choice",
    )
    add(
        "--latency",
        type=parse_latency,
        default=0.0,
        metavar=f"S|{MEASURED}",
        help=f"simulated seconds that pass while the policy computes an action; '{MEASURED}': its own inference time",
    )
    add(
        "--policy-timeout",
        type=cli.bounded_float(0.1),
        default=60.0,
        metavar="S",
        help="seconds after which a policy that doesn't return has failed its episode",
    )
    add(
        "--no-check",
        action="store_true",
        help="don't check beforehand whether policies that aren't shipped keep their contract (see policies.check)",
    )


def _add_execution(parser: cli.Parser) -> None:
    add = parser.add_argument_group("execution").add_argument
    add("--workers", type=cli.bounded_int(1, 1024), default=count_cores(), metavar="N", help="number of processes")
    add(
        "--executor",
        type=cli.known_name("executor", ("local", "ray")),
        default="local",
        metavar="local|ray",
        help="run on this machine, or on the Ray cluster that RAY_ADDRESS names",
    )
    add(
        "--renderer",
        type=cli.known_name("renderer", ("auto", "gl", "gpu", "tiny")),
        default="auto",
        metavar="auto|gl|gpu|tiny",
        help="camera: OpenGL (gpu: never in software), PyBullet's TinyRenderer, or OpenGL where it is available",
    )
    add_runtime_flags(add)
    add(
        "--policy-python",
        type=parse_python,
        metavar="PYTHON",
        help="Python that runs a class or function of your own, e.g. /path/to/venv/bin/python; it needs only NumPy",
    )


def _add_output(parser: cli.Parser) -> None:
    add = parser.add_argument_group("output").add_argument
    add("--out", type=Path, metavar="DIR", help="folder of the results (default: runs/<time>-<policy>-<scenario>)")
    add("--resume", action="store_true", help="finish the run in --out, or extend it by more --episodes")
    add(
        "--resume-anyway",
        action="store_true",
        help="the same with other code, packages, Python, machine or renderer; the column made_by says which rows they "
        "made",
    )
    add(
        "--verify",
        type=parse_share,
        metavar="N%",
        help="drive this share of the run in --out again, by the command that made it, and compare the digests; exit "
        "code 1 if any differs",
    )
    add(
        "--shard",
        metavar="i/n|auto|claim",
        help="do one of n parts of the run, into a folder of its own below --out, and finish it if it is there; 'auto' "
        "takes the part from a Slurm array or a Kubernetes Indexed Job; 'claim' does what no other process does in "
        "this --out, which machines share; python -m sim.merge joins the folders",
    )
    add(
        "--video",
        type=cli.known_name("choice", ("none", "failures", "all")),
        default="failures",
        metavar="none|failures|all",
        help="which episodes to film; 'failures': the first episode, and up to two failures of every ten episodes",
    )
    add(
        "--fail-under",
        type=cli.bounded_float(0.0, 1.0),
        metavar="RATE",
        help="leave with exit code 1 if any success rate is lower",
    )


def make_request(
    options: argparse.Namespace, command: Sequence[str], suite: AppliedSuite | None = None
) -> EvaluationRequest:
    """Make the request of a run after checking that all that is named exists; nothing is written or started.

    Args:
        options: As parsed.
        command: For the manifest: as typed, program first.
        suite: The same by keys of a suite file, with the suite that they came from; None if they came from flags.

    Raises:
        InputError: Something doesn't exist, or two options exclude each other.
    """
    if options.dataset is not None and options.no_offline:
        raise InputError("--dataset and --no-offline exclude each other: leave one out")
    if options.dataset is not None and not options.dataset.is_dir():
        raise InputError(f"--dataset '{options.dataset}': folder not found")
    if options.mapping is not None and options.dataset is None:
        raise InputError("--mapping says how to read --dataset: give both, or none")
    shard = read_shard(options)
    out, resume = _choose_destination(options, shard)
    if options.verify is None:
        check_destination(out, resume=resume)
    references = read_policy_flags(options.policy, options, options.policy_python or "")
    plan, left_out = make_run_plan(
        tuple(reference.label for reference in references),
        options.scenario,
        options.episodes,
        options.seed,
        perturbations=options.perturb or (),
        probe=options.probe is not None,
        latency=options.latency,
        metrics=options.metric,
    )
    for reason in left_out:
        print(f"skipped: {reason}", file=sys.stderr)
    if options.executor == "local" and not (options.no_offline or options.dataset):
        check_cache(plan.scenarios)
    runtime = read_runtime_flags(options)
    mapping = options.mapping and str(options.mapping.resolve())
    probe_files(references)
    settings = EvaluationSettings(
        options.renderer,
        options.video,
        runtime,
        pin_policies(references),
        plan.metrics,
        mapping,
        trajectories=True,
        check=not options.no_check,
    )
    offline = OfflineSettings(options.no_offline, options.dataset and str(options.dataset.resolve()), mapping)
    suite = suite or describe_options(options, make_parser().parse_args([]))
    facts = suite.describe(hash_suite(plan, settings, offline, options.policy_timeout))
    request = EvaluationRequest(
        plan=plan,
        settings=settings,
        offline=offline,
        suite=facts,
        suite_text=suite.format(facts),
        command=tuple(command),
        out=out or default_out(plan),
        resume=resume,
        resume_anyway=options.resume_anyway,
        part=shard if isinstance(shard, Shard) else WHOLE,
        claims=shard == CLAIM,
    )
    return request if options.verify is None else _sample_request(request, options)


def _sample_request(request: EvaluationRequest, options: argparse.Namespace) -> EvaluationRequest:
    """Make the request that drives a sample of a finished run again, and writes nothing.

    Raises:
        InputError: There is no such run, it has another plan, or another option excludes it.
    """
    if options.out is None or options.shard is not None or options.resume or options.resume_anyway:
        raise InputError("--verify needs --out, the folder of a finished run, and neither --shard nor --resume")
    run = read_run(options.out)
    if run.manifest.plan != request.plan.record():
        raise InputError(
            f"--verify: '{options.out}' has another plan: repeat its command, {shlex.join(run.manifest.command)}"
        )
    sample = sample_blocks(request.plan, run.rows, options.verify)
    settings = replace(request.settings, video="none", trajectories=False)
    offline = OfflineSettings(skipped=True, dataset=None)
    return replace(request, settings=settings, offline=offline, out=None, part=sample)


def parse_share(text: str) -> float:
    """Parse a share of a run, as "1%".

    Raises:
        argparse.ArgumentTypeError: It isn't above 0 % and at most 100 %.
    """
    found = re.fullmatch(r"(\d{1,3}(?:\.\d+)?) ?%", text.strip(), re.ASCII)
    if found is None or not 0.0 < float(found[1]) <= 100.0:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a share of a run: give 1%, or another above 0% and up to 100%"
        )
    return float(found[1]) / 100.0


def read_shard(options: argparse.Namespace) -> Shard | str | None:
    """Return the part of the run to do, "claim" if its jobs are to be claimed, or None for all of it.

    Raises:
        InputError: It isn't one, or another option excludes it.
    """
    if options.shard is None:
        return None
    if options.out is None:
        raise InputError("--shard needs --out: the folder of the run, in which each shard has a folder")
    if options.latency == MEASURED:
        raise InputError(
            f"--shard and --latency {MEASURED} exclude each other, as machines measure different latencies: measure it "
            f"in a run of one episode, and give that number"
        )
    if options.fail_under is not None:
        raise InputError("--fail-under judges a whole run: leave it out with --shard")
    if options.shard != CLAIM:
        return parse_shard(options.shard)
    if options.executor != "local":
        raise InputError("--shard claim is for machines without a cluster of Ray's: leave --executor out, or --shard")
    return CLAIM


def _choose_destination(options: argparse.Namespace, shard: Shard | str | None) -> tuple[Path | None, bool]:
    """Return the folder of the results, if one is given, and whether to finish what is there."""
    if shard is None:
        return options.out, options.resume or options.resume_anyway
    if isinstance(shard, Shard):
        out: Path = options.out / shard.folder
        return out, (out / MANIFEST).is_file()
    check_folder(options.out)
    return new_claimant_folder(options.out), False


def _folder_name(name: str) -> str:
    """Shorten a policy or scenario to a valid folder name: no path, suffix or colon."""
    file, colon, inner = name.partition(".py:")
    path = Path(file)
    short = f"{path.name}-{inner}" if colon else path.stem if is_scenario_file(name) else path.name
    return re.sub(r"[^\w.-]+", "-", short)


def default_out(plan: RunPlan) -> Path:
    """Return a new folder for a run, named after the time, the policy and the scenario."""
    names = [plan.policies[0] if len(plan.policies) == 1 else f"{len(plan.policies)}-policies"]
    names.append(plan.scenarios[0] if len(plan.scenarios) == 1 else f"{len(plan.scenarios)}-scenarios")
    named = shorten_name("-".join(_folder_name(name) for name in names), LONGEST_FOLDER_NAME)
    stem = Path("runs") / f"{datetime.now().strftime('%Y%m%d-%H%M%S')}-{named}"
    out, number = stem, 2
    while out.exists():
        out, number = stem.with_name(f"{stem.name}-{number}"), number + 1
    check_out_folder(out, resume=False)
    return out
