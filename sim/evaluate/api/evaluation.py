"""``evaluate``: the evaluation of policies as a call."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from numbers import Integral, Real
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args

from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, Policy
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.requirements import check_installed
from scenarios.lookup import known_scenarios
from sim.console.progress import EpisodeListener, ProgressBar
from sim.evaluate.api.arguments import (
    MetricArgument,
    Named,
    PolicyArgument,
    ScenarioArgument,
    name_metrics,
    name_policies,
    name_scenarios,
)
from sim.evaluate.api.call_suite import describe_call
from sim.evaluate.api.in_process import in_this_process
from sim.evaluate.api.results import EvaluationResults
from sim.evaluate.hosts import open_hosts
from sim.evaluate.job_kinds import EvaluationSettings
from sim.evaluate.run.evaluation_run import EvaluationRun, Progress
from sim.evaluate.run.execution import JobPool, NotStartedError, start_run
from sim.evaluate.run.outputs import write_outputs
from sim.evaluate.run.request import EvaluationRequest, check_destination, make_run_plan
from sim.evaluate.suites.suite_hash import hash_suite
from sim.metrics.registry import registered_metrics
from sim.offline.held_out import check_cache
from sim.results.manifest import OfflineSettings
from sim.results.row import EpisodeRow, VideoChoice
from sim.rollout.latency import MAX_LATENCY_S, MEASURED, Latency
from sim.workers.pool import Timeouts, WorkerPool

MOST_EPISODES = 1_000_000
LARGEST_SEED = 2**31 - 1


def evaluate(
    policy: PolicyArgument | Iterable[PolicyArgument],
    scenario: ScenarioArgument | Iterable[ScenarioArgument] = "corridor",
    episodes: int = 50,
    seed: int = 0,
    *,
    perturb: str | Sequence[str] | None = None,
    latency: Latency = 0.0,
    metrics: MetricArgument | Iterable[MetricArgument] | None = None,
    dataset: str | os.PathLike[str] | bool | None = None,
    mapping: str | os.PathLike[str] | None = None,
    workers: int = 1,
    video: VideoChoice = "none",
    out: str | os.PathLike[str] | None = None,
    resume: bool | Literal["anyway"] = False,
    renderer: str = "auto",
    runtime: InferenceRuntime = DEFAULT_RUNTIME,
    policy_timeout_s: float = 60.0,
    progress: bool | Callable[[EpisodeRow], object] = True,
) -> EvaluationResults:
    """Drive policies through scenarios in closed loop, and compute their offline error.

    The rows are those of ``python -m sim.evaluate`` with the same arguments, digests included. With one worker all is
    done in this process, which is left as it was: random states, threads and settings of torch, working folder,
    environment, and the mode of the policies' networks, which drive in evaluation mode. Nobody ends an object that
    doesn't return; a policy that is given as ``file.py:NAME`` lives in a process of its own, which is ended.

    Args:
        policy: An object with ``spec``, which may be a dictionary, ``reset`` and ``act``, or with ``spec`` and openpi's
            ``infer``; a text or a path as after ``--policy``, labels and patterns included; a ``PolicyReference`` of
            ``parse_policies``, for arguments; or several of them. An object has the name in its spec.
        scenario: A name, a file, ``file.py:NAME``, an environment id or a ``Scenario``; or several of them.
        episodes: For each policy, scenario and perturbation.
        seed: Seed of the suite of episodes.
        perturb: Perturbations to drive each episode under once more, each as after ``--perturb``: "lighting=2",
            "latency=1,lighting=2" for both at once, "all=1" for each axis on its own.
        latency: Simulated seconds that pass while a policy computes an action; or "measured".
        metrics: Metrics to compute besides, each ``file.py:NAME`` or a ``Metric``.
        dataset: Folder of demonstrations for the offline error; None for each scenario's own, which are recorded once
            and kept in the user's cache; False for no offline error.
        mapping: File that says how ``dataset`` is read, as after ``--mapping``.
        workers: Number of processes. Objects can't be sent to others: they need 1.
        video: Which episodes to film: "none", "failures" or "all".
        out: New folder for the files that the command writes; None to write nothing.
        resume: True to finish the run in ``out``, or to extend it by more episodes; "anyway" to do so also with other
            code, packages, Python, machine or renderer, which the column ``made_by`` then tells apart.
        renderer: "auto", "gl", "gpu" or "tiny".
        runtime: Device, precision and compilation of policies that are given by name.
        policy_timeout_s: Seconds after which a policy in another process has failed its episode.
        progress: True for a bar on stderr, or a line a minute where there is no terminal; False for nothing; or a
            function that gets each row as its episode ends.

    Raises:
        InputError: An argument is wrong, or something can't be used as asked. It is a ``ValueError``.
        RuntimeError: An episode could not be driven for a reason of the machine.
    """
    check_installed("pybullet")
    policies, scenarios, own = name_policies(policy), name_scenarios(scenario), name_metrics(metrics or ())
    _check_numbers(episodes, seed, workers, latency, policy_timeout_s)
    _check_choice("video", video, get_args(VideoChoice))
    if not isinstance(resume, bool):
        _check_choice("resume", resume, ("anyway",))
    if resume and out is None:
        raise InputError(f"resume={resume!r} needs out, the folder of the run")
    if workers > 1:
        _refuse_objects(policies, scenarios, own, workers)
    folder = None if out is None else Path(out).absolute()
    check_destination(folder, resume=bool(resume))
    perturbed = [perturb] if isinstance(perturb, str) else perturb or ()
    metric_objects = tuple(own.objects.get(name, name) for name in own.names)
    with known_scenarios(scenarios.objects), registered_metrics(metric_objects):
        plan, left_out = make_run_plan(
            policies.names,
            scenarios.names,
            int(episodes),
            int(seed),
            perturbations=perturbed,
            latency=latency,
            metrics=own.names,
        )
        temporary = TemporaryDirectory(prefix="mobile-vla-") if folder is None and video != "none" else None
        offline = _offline_settings(dataset, mapping)
        if not (offline.skipped or offline.dataset):
            check_cache(plan.scenarios)
        settings = EvaluationSettings(
            renderer,
            video,
            runtime,
            policies.references,
            own.names,
            offline.mapping,
            trajectories=folder is not None,
        )
        facts = hash_suite(plan, settings, offline, policy_timeout_s)
        suite = describe_call(
            policies, scenarios, own, plan, settings, offline, perturb=perturbed, policy_timeout_s=policy_timeout_s
        )
        request = EvaluationRequest(
            plan=plan,
            settings=settings,
            offline=offline,
            suite=facts,
            suite_text="" if suite is None else suite.format(facts),
            command=(_describe_call(plan.policies, plan.scenarios, episodes, seed),),
            out=folder,
            films=None if temporary is None else Path(temporary.name),
            resume=bool(resume),
            resume_anyway=resume == "anyway",
        )
        size = min(workers, len(plan.blocks) + 1)
        with _open_pool(request.settings, policies.objects, size, policy_timeout_s) as pool:
            run = _drive(request, pool, size, _make_progress(progress))
        return EvaluationResults(
            rows=tuple(run.rows.rows_in_order(plan)),
            summary=write_outputs(run),
            manifest=run.rows.manifest,
            folder=folder or request.films,
            warnings=(*left_out, *run.warnings),
            metrics=metric_objects,
            _temporary=temporary,
        )


def _drive(request: EvaluationRequest, pool: JobPool, workers: int, progress: Progress) -> EvaluationRun:
    """Drive all episodes; an incomplete run is an error, and its folder keeps what was finished."""
    try:
        run = start_run(request, pool, workers, progress)
    except NotStartedError as failure:
        raise RuntimeError(f"no episode could be driven: {failure}") from None
    for warning in run.warnings:
        progress.print_line(f"warning: {warning}")
    try:
        pool.run(run.pending_jobs(), run)
        if (missing := run.describe_missing()) is not None:
            raise RuntimeError(f"{missing} missing: {'; '.join(run.failures[:1])}")
    except BaseException:
        run.rows.close()
        raise
    finally:
        run.close()
    return run


@contextlib.contextmanager
def _open_pool(
    settings: EvaluationSettings, objects: dict[str, Policy], size: int, policy_timeout_s: float
) -> Iterator[JobPool]:
    with open_hosts(settings, policy_timeout_s, among="workers" if size > 1 else "none") as hosted:
        if size > 1:
            runner = "sim.evaluate.jobs:EvaluationJobs"
            with WorkerPool(runner, hosted, size, Timeouts(policy_s=policy_timeout_s)) as workers:
                yield workers
        else:
            with in_this_process(hosted, objects) as pool:
                yield pool


def _make_progress(progress: bool | Callable[[EpisodeRow], object]) -> Progress:
    if callable(progress):
        return EpisodeListener(progress)
    return ProgressBar() if progress else EpisodeListener()


def _offline_settings(
    dataset: str | os.PathLike[str] | bool | None, mapping: str | os.PathLike[str] | None
) -> OfflineSettings:
    if dataset is None or isinstance(dataset, bool):
        if mapping is not None:
            raise InputError("mapping says how to read dataset: give both, or none")
        if dataset is True:
            raise InputError("dataset=True says nothing: give a folder, None for the scenario's own, or False for none")
        return OfflineSettings(skipped=dataset is False, dataset=None)
    if not Path(dataset).is_dir():
        raise InputError(f"dataset '{os.fspath(dataset)}': folder not found")
    return OfflineSettings(
        False, str(Path(dataset).resolve()), None if mapping is None else str(Path(mapping).resolve())
    )


def _refuse_objects(policies: Named[Any], scenarios: Named[Any], metrics: Named[Any], workers: int) -> None:
    for what, named in (("policy", policies), ("scenario", scenarios), ("metric", metrics)):
        for name in named.objects:
            raise InputError(
                f"workers={workers}: {what} '{name}' is an object of this process, and can't be sent to others; leave "
                f"workers at 1, or give it as file.py:NAME"
            )


def _check_numbers(episodes: object, seed: object, workers: object, latency: object, policy_timeout_s: object) -> None:
    _check_number("episodes", episodes, 1, MOST_EPISODES)
    _check_number("seed", seed, 0, LARGEST_SEED)
    _check_number("workers", workers, 1, 1024)
    if latency != MEASURED:
        _check_number("latency", latency, 0.0, MAX_LATENCY_S)
    _check_number("policy_timeout_s", policy_timeout_s, 0.1, float("inf"))


def _check_number(name: str, value: Any, low: float, high: float) -> None:
    kinds = Integral if isinstance(low, int) else Real
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= float(value) <= high:
        what = "a whole number" if isinstance(low, int) else "a number"
        raise InputError(f"{name}={value!r}: it must be {what} between {low:g} and {high:g}")


def _check_choice(name: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise unknown_name(name, str(value), allowed)


def _describe_call(policies: Sequence[str], scenarios: Sequence[str], episodes: int, seed: int) -> str:
    """The call in the manifest."""
    return f"evaluate({list(policies)}, {list(scenarios)}, episodes={episodes}, seed={seed})"
