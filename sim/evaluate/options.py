"""The options of ``python -m sim.evaluate``, and the plan that they make."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from policies.inference.runtime import COMPILERS, PROVIDERS
from policies.registry import ALL_PUBLISHED, POLICIES, check_name, expand_policy_names
from scenarios.common import cli
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.files import is_scenario_file
from scenarios.lookup import get_scenario
from scenarios.perturbations import AXES
from scenarios.registry import SCENARIOS
from sim.evaluate.perturbations import parse_perturbations
from sim.results.folder import check_out_folder
from sim.results.manifest import count_cores
from sim.results.plan import RunPlan
from sim.rollout.latency import MEASURED, parse_latency


def make_parser() -> cli.Parser:
    """Make the command line. Names are checked against the registries, so the help is all that one needs to know."""
    flags = cli.Parser(
        prog="python -m sim.evaluate",
        description="Drive policies through scenarios, and set their offline error beside their success.",
    )
    add = flags.add_argument
    policies = f"{', '.join(POLICIES)}, or {ALL_PUBLISHED} for all published ones, or a folder"
    add("--policy", type=cli.parse_name_list, required=True, metavar="NAME[,…]", help=policies)
    scenarios = f"{', '.join(SCENARIOS)}, or all, or a .yaml file"
    add("--scenario", type=cli.parse_name_list, required=True, metavar="NAME[,…]", help=scenarios)
    add("--episodes", type=cli.bounded_int(1, 1_000_000), default=50, metavar="N", help="per policy and scenario")
    add("--seed", type=cli.bounded_int(0, 2**31 - 1), default=0, metavar="N", help="of the suite of episodes")
    add(
        "--perturb",
        action="append",
        metavar="AXIS=LEVEL[,…]",
        help=f"also drive every episode so perturbed, levels 1 to 3 of {', '.join(AXES)}, combined where "
        f"named together; all=LEVEL: every axis on its own; may be given several times",
    )
    add(
        "--probe",
        type=cli.known_name("probe", ("language",)),
        metavar="language",
        help="also drive every episode under another instruction, where the scenario has a choice",
    )
    add(
        "--latency",
        type=parse_latency,
        default=0.0,
        metavar=f"S|{MEASURED}",
        help="seconds that a policy thinks while the world goes on, or as long as it takes here",
    )
    add("--workers", type=cli.bounded_int(1, 1024), default=count_cores(), metavar="N", help="processes")
    where = "where workers run: here, or on the Ray cluster of RAY_ADDRESS"
    add(
        "--executor",
        type=cli.known_name("executor", ("local", "ray")),
        default="local",
        help=f"local or ray; {where}",
    )
    add(
        "--renderer",
        type=cli.known_name("renderer", ("auto", "gl", "tiny")),
        default="auto",
        help="auto, gl or tiny",
    )
    add(
        "--video",
        type=cli.known_name("choice", ("none", "failures", "all")),
        default="failures",
        help="none, failures (up to two of every ten episodes) or all; except with none, the first always is",
    )
    providers = f"what ONNX Runtime computes with, for policies that are ONNX files: {', '.join(PROVIDERS)}"
    add("--provider", type=cli.known_name("provider", tuple(PROVIDERS)), default="cpu", help=providers)
    compilers = "torch networks as they are, or by torch.compile or torch.export: none, compile or export"
    add("--compile", type=cli.known_name("form", COMPILERS), default="none", help=compilers)
    add("--out", type=Path, metavar="DIR", help="folder for the results (default: runs/<time>-<policy>-<scenario>)")
    add("--resume", action="store_true", help="finish the run in --out")
    add(
        "--fail-under",
        type=cli.bounded_float(0.0, 1.0),
        metavar="RATE",
        help="exit with 1 if any success rate is lower",
    )
    add(
        "--policy-timeout",
        type=cli.bounded_float(0.1),
        default=60.0,
        metavar="S",
        help="seconds that one answer may take",
    )
    add("--dataset", type=Path, metavar="DIR", help="demonstrations for the offline error (default: made and cached)")
    add("--no-offline", action="store_true", help="skip the offline error")
    return flags


def make_plan(options: argparse.Namespace) -> RunPlan:
    """Make the plan of a run, after checking that everything that was asked for exists; nothing is written or started.

    Raises:
        InputError: Something doesn't exist, or two options exclude each other.
    """
    policies = expand_policy_names(options.policy)
    for name in policies:
        check_name(name)
    scenarios = tuple(SCENARIOS) if options.scenario == ("all",) else options.scenario
    for name in scenarios:
        if name not in SCENARIOS and not is_scenario_file(name):
            raise unknown_name("scenario", name, [*SCENARIOS, "all"])
        get_scenario(name)
    if options.dataset is not None and options.no_offline:
        raise InputError("--dataset and --no-offline exclude each other: leave one out")
    if options.dataset is not None and not options.dataset.is_dir():
        raise InputError(f"--dataset '{options.dataset}': no such folder")
    if options.resume and options.out is None:
        raise InputError("--resume needs --out: the folder of the run to finish")
    if options.out is not None:
        check_out_folder(options.out, resume=options.resume)
    asked = parse_perturbations(options.perturb or (), options.probe is not None, scenarios)
    for reason in asked.left_out.values():
        print(f"left out: {reason}", file=sys.stderr)
    return RunPlan(
        policies,
        scenarios,
        options.episodes,
        options.seed,
        perturbations=asked.perturbations,
        left_out=tuple(asked.left_out),
        latency=options.latency,
    )


def default_out(plan: RunPlan) -> Path:
    """Return a new folder for a run, named after the time and what is run."""
    names = [plan.policies[0] if len(plan.policies) == 1 else f"{len(plan.policies)}-policies"]
    names.append(plan.scenarios[0] if len(plan.scenarios) == 1 else f"{len(plan.scenarios)}-scenarios")
    named = "-".join(Path(name).stem if is_scenario_file(name) else Path(name).name for name in names)
    stem = Path("runs") / f"{datetime.now().strftime('%Y%m%d-%H%M%S')}-{named}"
    out, number = stem, 2
    while out.exists():
        out, number = stem.with_name(f"{stem.name}-{number}"), number + 1
    check_out_folder(out, resume=False)
    return out
