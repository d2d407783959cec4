"""``python -m sim.evaluate``: drive policies through scenarios; report task success and offline error."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from scenarios.common import cli
from scenarios.common.requirements import check_installed
from sim.console.progress import ProgressBar
from sim.evaluate.hosts import open_hosts
from sim.evaluate.job_kinds import EvaluationSettings
from sim.evaluate.options import make_parser, make_request
from sim.evaluate.run.claimed_run import run_claimed
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.run.execution import NotStartedError, start_run
from sim.evaluate.run.outputs import write_outputs
from sim.evaluate.run.request import EvaluationRequest
from sim.evaluate.run.verification import compare_sample, describe_verification, log_verification, take_conditions
from sim.evaluate.shards.shard import replace_option
from sim.evaluate.suites.applied_suite import apply_suite
from sim.report.results_table import print_table
from sim.results.manifest import RESUME_FLAGS
from sim.results.plan import UNPERTURBED
from sim.results.run_files import FAILED_JOBS_LOG, read_run
from sim.results.summary.summary import Summary
from sim.rollout.digest import combine_digests
from sim.workers.cluster.inputs import find_inputs
from sim.workers.cluster.ray_pool import RayWorkerPool
from sim.workers.pool import Timeouts, WorkerPool


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0 (done), 1 (gate failed), 2 (bad input, may be raised) or 3 (not complete)."""
    options, suite = apply_suite(make_parser, arguments)
    check_installed("pybullet")
    request = make_request(options, ["python", "-m", "sim.evaluate", *arguments], suite)
    if options.dataset is not None:
        _print_mapping(options.dataset, options.mapping)
    run: EvaluationRun | None = None
    try:
        with _open_run(request, options) as (run, pool), contextlib.suppress(KeyboardInterrupt):
            if options.verify is not None:
                return _verify(run, pool, options.out)
            _run_jobs(request, run, pool)
        if options.verify is not None:
            return _print_incomplete("interrupted before the last episode of the sample")
        return _finish(run, options.fail_under or 0.0, _name_shard(request, arguments))
    except NotStartedError as failure:
        return _print_incomplete(f"{failure}")
    except (OSError, KeyboardInterrupt) as failure:
        if run is None or options.verify is not None:
            raise
        return _print_incomplete(f"{_describe_end(failure)}; finish with: {_resume_command(arguments, request.out)}")


@contextlib.contextmanager
def _open_run(
    request: EvaluationRequest, options: argparse.Namespace
) -> Iterator[tuple[EvaluationRun, WorkerPool | RayWorkerPool]]:
    """Start the workers, check the policies, and open the run; the workers end with the context."""
    size = min(options.workers, len(request.plan.blocks) + (not options.no_offline))
    among: Literal["workers", "nodes"] = "workers" if options.executor == "local" else "nodes"
    with (
        open_hosts(request.settings, options.policy_timeout, among=among) as settings,
        _make_pool(options, request, settings, size) as pool,
    ):
        run = start_run(request, pool, size, ProgressBar())
        try:
            _print_errors(f"warning: {warning}" for warning in run.warnings)
            yield run, pool
        finally:
            run.close()


def _describe_end(failure: BaseException) -> str:
    """Describe what ended a run before its files were complete."""
    return cli.describe_system_error(failure) if isinstance(failure, OSError) else "interrupted"


def _print_mapping(dataset: Path, mapping: Path | None) -> None:
    """Say how a data set is read, before it is used; one that can't be read is bad input."""
    from policies.dataset.episodes import open_dataset  # its readers are slow to import
    from policies.dataset.mapping.resolve import describe_mapping

    print(f"{describe_mapping(dataset, open_dataset(dataset, mapping).mapping)}\n")


def _make_pool(
    options: argparse.Namespace, request: EvaluationRequest, settings: EvaluationSettings, size: int
) -> WorkerPool | RayWorkerPool:
    """Make the pool of an executor: processes on this machine, or on a Ray cluster."""
    runner, timeouts = "sim.evaluate.jobs:EvaluationJobs", Timeouts(policy_s=options.policy_timeout)
    if options.executor == "local":
        return WorkerPool(runner, settings, size, timeouts)
    uses_gpu = settings.runtime.device.startswith("cuda") or settings.renderer == "gpu"
    identity = "sim.evaluate.shards.identity:describe_code"
    targets = [reference.target for reference in settings.policies]
    inputs = find_inputs([*targets, *settings.metrics, *request.plan.scenarios])
    return RayWorkerPool(runner, settings, size, timeouts, identity, inputs=inputs, uses_gpu=uses_gpu)


def _name_shard(request: EvaluationRequest, arguments: Sequence[str]) -> Sequence[str]:
    """Return the arguments with the shard by its number: the machine that finishes it may be told another one."""
    return replace_option(arguments, "--shard", request.shard)


def _run_jobs(request: EvaluationRequest, run: EvaluationRun, pool: WorkerPool | RayWorkerPool) -> None:
    """Do all pending jobs, or claim those that nobody else does."""
    if request.claims and isinstance(pool, WorkerPool):
        run_claimed(run, pool)
    else:
        pool.run(run.pending_jobs(), run)


def _verify(run: EvaluationRun, pool: WorkerPool | RayWorkerPool, folder: Path) -> int:
    """Drive a sample of a run again, and return the exit code: 1 if an episode differs."""
    recorded = read_run(folder)
    take_conditions(run, recorded)
    pool.run(run.pending_jobs(), run)
    digest = combine_digests(row.digest for row in recorded.rows)
    driven = {row.key: row for row in run.rows.rows_in_order(run.plan)}
    found = compare_sample(recorded, digest, run.rows.manifest, driven)
    log_verification(folder, found)
    for line in [*describe_verification(found), f"digest: {digest} of {found.episodes} episodes"]:
        print(line)
    if (missing := run.describe_missing()) is not None:
        return _print_incomplete(f"{missing} of the sample could not be driven")
    return cli.GATE_FAILED if found.different else cli.DONE


def _finish(run: EvaluationRun, fail_under: float, arguments: Sequence[str]) -> int:
    """Write the files of the finished episodes, print their table, and return the exit code."""
    summary = write_outputs(run)
    folder = run.rows.path
    assert folder is not None  # a command's run has a folder
    print_table(summary, folder, run.rows.rows_in_order(run.plan))
    if run.rows.changed:
        _print_errors([_describe_changed(len(run.rows.changed))])
    if (missing := run.describe_missing()) is not None:
        reasons = f" (reasons: {folder / FAILED_JOBS_LOG})" if run.failures else ""
        return _print_incomplete(f"{missing} missing{reasons}; finish with: {_resume_command(arguments, folder)}")
    if (failure := run.describe_policy_failure()) is not None:
        _print_errors([f"error: {failure}"])
        return cli.BAD_INPUT
    low = _describe_low_rates(summary, fail_under)
    _print_errors(low)
    return cli.GATE_FAILED if low else cli.DONE


def _describe_changed(count: int) -> str:
    return (
        f"warning: {count} earlier episode{'s' * (count != 1)} of this run ended otherwise when driven again: the "
        "policy or the machine doesn't repeat itself; the earlier results were kept"
    )


def _describe_low_rates(summary: Summary, fail_under: float) -> list[str]:
    """Name the cells whose success rate is below the gate, and say where that may be chance."""
    return [
        f"gate failed: {cell.policy} on {cell.scenario}"
        f"{'' if cell.perturbation == UNPERTURBED else f' under {cell.perturbation}'}: "
        f"{cell.success.rate:.1%} < {fail_under:.1%} (95 %: {cell.success.low:.1%} to {cell.success.high:.1%}"
        f"{', so it may be chance: drive more episodes' if cell.success.high >= fail_under else ''})"
        for cell in summary.cells
        if cell.success.rate < fail_under
    ]


def _print_errors(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _print_incomplete(reason: str) -> int:
    _print_errors([f"not complete: {reason}"])
    return cli.INCOMPLETE


def _resume_command(arguments: Sequence[str], folder: Path | None) -> str:
    """Return the command that finishes a run."""
    out = [] if any(word.split("=")[0] == "--out" for word in arguments) else ["--out", str(folder)]
    resume = [] if set(RESUME_FLAGS) & set(arguments) else ["--resume"]
    return shlex.join(["python", "-m", "sim.evaluate", *arguments, *out, *resume])


if __name__ == "__main__":
    cli.run_cli(main)
