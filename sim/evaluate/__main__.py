"""``python -m sim.evaluate``: drive policies through scenarios, and set their offline error beside their success."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from policies.inference.runtime import COMPILERS, PROVIDERS
from policies.policy import InferenceRuntime
from policies.registry import ALL_PUBLISHED, POLICIES, check_name, expand_policy_names
from scenarios.common import cli as command
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.files import is_scenario_file
from scenarios.common.requirements import check_installed
from scenarios.lookup import get_scenario
from scenarios.perturbations import AXES
from scenarios.registry import SCENARIOS
from sim.evaluate.perturbations import parse_perturbations
from sim.evaluate.run import EvaluationRun, PreflightChecks, make_preflight_jobs
from sim.report.html import write_report
from sim.report.results_table import print_table
from sim.results.codec import to_json
from sim.results.folder import (
    FAILED_JOBS_LOG,
    REPORT,
    SUMMARY,
    TABLE,
    RunFolder,
    check_out_folder,
    read_manifest,
    write_json,
    write_parquet,
)
from sim.results.manifest import OfflineSettings, count_cores, make_manifest
from sim.results.plan import UNPERTURBED, RunPlan
from sim.rollout.latency import MEASURED, parse_latency
from sim.workers.pool import Timeouts, WorkerPool
from sim.workers.ray_pool import RayWorkerPool


def make_parser() -> command.Parser:
    """The command line. Names are checked against the registries, so the help is all that one needs to know."""
    flags = command.Parser(prog="python -m sim.evaluate", description=__doc__.split(": ", 1)[1])
    add = flags.add_argument
    policies = f"{', '.join(POLICIES)}, or {ALL_PUBLISHED} for all published ones, or a folder"
    add("--policy", type=command.parse_name_list, required=True, metavar="NAME[,…]", help=policies)
    scenarios = f"{', '.join(SCENARIOS)}, or all, or a .yaml file"
    add("--scenario", type=command.parse_name_list, required=True, metavar="NAME[,…]", help=scenarios)
    add("--episodes", type=command.bounded_int(1, 1_000_000), default=50, metavar="N", help="per policy and scenario")
    add("--seed", type=command.bounded_int(0, 2**31 - 1), default=0, metavar="N", help="of the suite of episodes")
    add(
        "--perturb",
        action="append",
        metavar="AXIS=LEVEL[,…]",
        help=f"also drive every episode so perturbed, levels 1 to 3 of {', '.join(AXES)}, combined where "
        f"named together; all=LEVEL: every axis on its own; may be given several times",
    )
    add(
        "--probe",
        type=command.known_name("probe", ("language",)),
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
    add("--workers", type=command.bounded_int(1, 1024), default=count_cores(), metavar="N", help="processes")
    where = "where workers run: here, or on the Ray cluster of RAY_ADDRESS"
    add(
        "--executor",
        type=command.known_name("executor", ("local", "ray")),
        default="local",
        help=f"local or ray; {where}",
    )
    add(
        "--renderer",
        type=command.known_name("renderer", ("auto", "gl", "tiny")),
        default="auto",
        help="auto, gl or tiny",
    )
    add(
        "--video",
        type=command.known_name("choice", ("none", "failures", "all")),
        default="failures",
        help="none, failures (up to two of every ten episodes) or all; except with none, the first always is",
    )
    providers = f"what ONNX Runtime computes with, for policies that are ONNX files: {', '.join(PROVIDERS)}"
    add("--provider", type=command.known_name("provider", tuple(PROVIDERS)), default="cpu", help=providers)
    compilers = "torch networks as they are, or by torch.compile or torch.export: none, compile or export"
    add("--compile", type=command.known_name("form", COMPILERS), default="none", help=compilers)
    add("--out", type=Path, metavar="DIR", help="folder for the results (default: runs/<time>-<policy>-<scenario>)")
    add("--resume", action="store_true", help="finish the run in --out")
    add(
        "--fail-under",
        type=command.bounded_float(0.0, 1.0),
        metavar="RATE",
        help="exit with 1 if any success rate is lower",
    )
    add(
        "--policy-timeout",
        type=command.bounded_float(0.1),
        default=60.0,
        metavar="S",
        help="seconds that one answer may take",
    )
    add("--dataset", type=Path, metavar="DIR", help="demonstrations for the offline error (default: made and cached)")
    add("--no-offline", action="store_true", help="skip the offline error")
    return flags


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0 (done), 1 (gate failed), 2 (bad input, raised) or 3 (not complete)."""
    options = make_parser().parse_args(arguments)
    check_installed("pybullet")
    plan = _check_options(options)
    out = options.out or _default_out(plan)
    dataset = options.dataset and str(options.dataset.resolve())
    runtime = InferenceRuntime(options.provider, options.compile)
    settings = {"renderer": options.renderer, "video": options.video, "runtime": asdict(runtime)}
    size = min(options.workers, len(plan.blocks) + (not options.no_offline))
    run: EvaluationRun | None = None
    terminated = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _worker_pool_class(options.executor)(
            ("sim.evaluate.jobs", "EvaluationJobs"), settings, size, Timeouts(policy_s=options.policy_timeout)
        ) as crew:
            checks, timed = PreflightChecks(options.renderer), _previous_latencies(options, plan)
            crew.run(make_preflight_jobs(plan, size, dataset, timed), checks)
            if checks.failure:
                print(f"not complete: {checks.failure}", file=sys.stderr)
                return command.INCOMPLETE
            thinking = {**_given_latencies(plan), **checks.latency_s, **timed}
            manifest = make_manifest(
                command=["python", "-m", "sim.evaluate", *arguments],
                plan=plan,
                renderer=checks.renderer,
                policies={name: replace(checks.policies[name], latency_s=thinking[name]) for name in plan.policies},
                offline=OfflineSettings(options.no_offline, dataset),
            )
            run = EvaluationRun(
                plan, RunFolder(out, manifest, resume=options.resume), _datasets(options, plan, dataset)
            )
            crew.run(run.pending_jobs(), run)
    except KeyboardInterrupt:
        if run is None:
            print("not complete: stopped before anything was driven", file=sys.stderr)
            return command.INCOMPLETE
    finally:
        signal.signal(signal.SIGTERM, terminated)
        if run is not None:
            run.close()
    return _write_results(run, options, arguments)


def _worker_pool_class(executor: str) -> type[WorkerPool] | type[RayWorkerPool]:
    """Who does the work: processes of this machine, or a Ray cluster's."""
    return RayWorkerPool if executor == "ray" else WorkerPool


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _check_options(options: argparse.Namespace) -> RunPlan:
    """The plan, if everything that was asked for exists; nothing has been written or started so far."""
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


def _given_latencies(plan: RunPlan) -> dict[str, float]:
    """The latency of each policy where it is given rather than measured."""
    return {} if plan.latency == MEASURED else dict.fromkeys(plan.policies, float(plan.latency))


def _previous_latencies(options: argparse.Namespace, plan: RunPlan) -> dict[str, float]:
    """The latencies that an earlier sitting measured: a run has one number per policy, whoever finishes it."""
    if not options.resume or plan.latency != MEASURED:
        return {}
    policies = read_manifest(options.out).policies
    return {name: facts.latency_s for name, facts in policies.items()}


def _default_out(plan: RunPlan) -> Path:
    names = [plan.policies[0] if len(plan.policies) == 1 else f"{len(plan.policies)}-policies"]
    names.append(plan.scenarios[0] if len(plan.scenarios) == 1 else f"{len(plan.scenarios)}-scenarios")
    named = "-".join(Path(name).stem if is_scenario_file(name) else Path(name).name for name in names)
    stem = Path("runs") / f"{datetime.now().strftime('%Y%m%d-%H%M%S')}-{named}"
    out, number = stem, 2
    while out.exists():
        out, number = stem.with_name(f"{stem.name}-{number}"), number + 1
    check_out_folder(out, resume=False)
    return out


def _datasets(options: argparse.Namespace, plan: RunPlan, dataset: str | None) -> dict[str | None, str | None]:
    if options.no_offline:
        return {}
    return {None: dataset} if dataset else dict.fromkeys(plan.scenarios)


def _write_results(run: EvaluationRun, options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Write the table, summary and report of whatever there is, print it, and choose the exit code."""
    folder, rows, summary = run.folder.path, run.folder.rows_in_order(run.plan), run.summarise()
    with run.folder:
        write_parquet(folder / TABLE, rows)
        write_json(folder / SUMMARY, to_json(summary))
        run.delete_offline_log()
        write_report(folder / REPORT, run.folder.manifest, summary, rows)
    print_table(summary, folder, rows)
    if (missing := run.describe_missing()) is not None:
        why = f", see {folder / FAILED_JOBS_LOG}" if run.failures else ""
        print(
            f"not complete: {missing} missing{why}; finish with: {_resume_command(arguments, folder)}", file=sys.stderr
        )
        return command.INCOMPLETE
    low = [cell for cell in summary.cells if cell.success.rate < (options.fail_under or 0.0)]
    for cell in low:
        rate = cell.success.rate
        perturbed = "" if cell.perturbation == UNPERTURBED else f" under {cell.perturbation}"
        print(
            f"gate failed: {cell.policy} on {cell.scenario}{perturbed}: {rate:.1%} < {options.fail_under:.1%}",
            file=sys.stderr,
        )
    return command.GATE_FAILED if low else command.DONE


def _resume_command(arguments: Sequence[str], folder: Path) -> str:
    """The command that finishes a run."""
    out = [] if any(word.split("=")[0] == "--out" for word in arguments) else ["--out", str(folder)]
    resume = [] if "--resume" in arguments else ["--resume"]
    return shlex.join(["python", "-m", "sim.evaluate", *arguments, *out, *resume])


if __name__ == "__main__":
    command.run_cli(main)
