"""``python -m sim.evaluate``: drive policies through scenarios; report task success and offline error."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from policies.policy import InferenceRuntime
from scenarios.common import cli
from scenarios.common.requirements import check_installed
from sim.evaluate.job_kinds import EvaluationSettings
from sim.evaluate.options import default_out, make_parser, make_plan
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
    read_manifest,
    write_json,
    write_parquet,
)
from sim.results.manifest import OfflineSettings, describe_processors, make_manifest
from sim.results.plan import UNPERTURBED, RunPlan
from sim.rollout.latency import MEASURED
from sim.workers.pool import Timeouts, WorkerPool
from sim.workers.ray_pool import RayWorkerPool


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0 (done), 1 (gate failed), 2 (bad input, raised) or 3 (not complete)."""
    options = make_parser().parse_args(arguments)
    check_installed("pybullet")
    plan = make_plan(options)
    out = options.out or default_out(plan)
    dataset = options.dataset and str(options.dataset.resolve())
    mapping = options.mapping and str(options.mapping.resolve())
    if dataset is not None:
        _print_mapping(Path(dataset), options.mapping)
    runtime = InferenceRuntime(options.provider, options.compile, options.device, options.precision)
    settings = EvaluationSettings(options.renderer, options.video, runtime, plan.metrics, mapping)
    size = min(options.workers, len(plan.blocks) + (not options.no_offline))
    run: EvaluationRun | None = None
    terminated = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _worker_pool_class(options.executor)(
            "sim.evaluate.jobs:EvaluationJobs", settings, size, Timeouts(policy_s=options.policy_timeout)
        ) as pool:
            checks, timed = PreflightChecks(options.renderer), _previous_latencies(options, plan)
            pool.run(make_preflight_jobs(plan, size, dataset, timed), checks)
            if checks.failure:
                print(f"not complete: {checks.failure}", file=sys.stderr)
                return cli.INCOMPLETE
            latency_s = {**_given_latencies(plan), **checks.latency_s, **timed}
            manifest = make_manifest(
                command=["python", "-m", "sim.evaluate", *arguments],
                plan=plan,
                renderer=checks.renderer,
                policies={name: replace(checks.policies[name], latency_s=latency_s[name]) for name in plan.policies},
                offline=OfflineSettings(options.no_offline, dataset, mapping),
                processors=checks.processors,
            )
            run = EvaluationRun(
                plan, RunFolder(out, manifest, resume=options.resume), _datasets(options, plan, dataset)
            )
            if (warning := describe_processors(run.folder.manifest)) is not None:
                print(f"warning: {warning}", file=sys.stderr)
            pool.run(run.pending_jobs(), run)
    except KeyboardInterrupt:
        if run is None:
            print("not complete: interrupted before the first episode", file=sys.stderr)
            return cli.INCOMPLETE
    finally:
        signal.signal(signal.SIGTERM, terminated)
        if run is not None:
            run.close()
    return _write_results(run, options, arguments)


def _print_mapping(dataset: Path, mapping: Path | None) -> None:
    """Say how a data set is read, before it is used; one that can't be read is bad input."""
    from policies.dataset.episodes import open_dataset  # its readers are slow to import
    from policies.dataset.mapping.resolve import describe_mapping

    print(f"{describe_mapping(dataset, open_dataset(dataset, mapping).mapping)}\n")


def _worker_pool_class(executor: str) -> type[WorkerPool] | type[RayWorkerPool]:
    """Return the pool for an executor: processes on this machine, or on a Ray cluster."""
    return RayWorkerPool if executor == "ray" else WorkerPool


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _given_latencies(plan: RunPlan) -> dict[str, float]:
    """Return the latency of each policy if it is given; empty if it is to be measured."""
    return {} if plan.latency == MEASURED else dict.fromkeys(plan.policies, float(plan.latency))


def _previous_latencies(options: argparse.Namespace, plan: RunPlan) -> dict[str, float]:
    """Return the latencies that the interrupted run measured: a resumed run keeps one number per policy."""
    if not options.resume or plan.latency != MEASURED:
        return {}
    policies = read_manifest(options.out).policies
    return {name: facts.latency_s for name, facts in policies.items()}


def _datasets(options: argparse.Namespace, plan: RunPlan, dataset: str | None) -> dict[str | None, str | None]:
    if options.no_offline:
        return {}
    return {None: dataset} if dataset else dict.fromkeys(plan.scenarios)


def _write_results(run: EvaluationRun, options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Write the table, summary and report of the finished episodes, print the table, and return the exit code."""
    folder, rows, summary = run.folder.path, run.folder.rows_in_order(run.plan), run.summarise()
    with run.folder:
        write_parquet(folder / TABLE, rows)
        write_json(folder / SUMMARY, to_json(summary))
        run.delete_offline_log()
        write_report(folder / REPORT, run.folder.manifest, summary, rows)
    print_table(summary, folder, rows)
    if (missing := run.describe_missing()) is not None:
        reasons = f" (reasons: {folder / FAILED_JOBS_LOG})" if run.failures else ""
        print(
            f"not complete: {missing} missing{reasons}; finish with: {_resume_command(arguments, folder)}",
            file=sys.stderr,
        )
        return cli.INCOMPLETE
    low = [cell for cell in summary.cells if cell.success.rate < (options.fail_under or 0.0)]
    for cell in low:
        rate = cell.success.rate
        perturbed = "" if cell.perturbation == UNPERTURBED else f" under {cell.perturbation}"
        print(
            f"gate failed: {cell.policy} on {cell.scenario}{perturbed}: {rate:.1%} < {options.fail_under:.1%}",
            file=sys.stderr,
        )
    return cli.GATE_FAILED if low else cli.DONE


def _resume_command(arguments: Sequence[str], folder: Path) -> str:
    """Return the command that finishes a run."""
    out = [] if any(word.split("=")[0] == "--out" for word in arguments) else ["--out", str(folder)]
    resume = [] if "--resume" in arguments else ["--resume"]
    return shlex.join(["python", "-m", "sim.evaluate", *arguments, *out, *resume])


if __name__ == "__main__":
    cli.run_cli(main)
