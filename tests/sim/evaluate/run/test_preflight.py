"""Laws of the checks before the first episode."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import FACTS, PLAN

from scenarios.common.errors import InputError
from sim.evaluate.job_kinds import CheckPolicy, TimePolicy
from sim.evaluate.run.preflight import PreflightChecks, make_preflight_jobs
from sim.results.codec import to_json
from sim.results.provenance.facts import RendererFacts
from sim.workers.job import Job
from sim.workers.processor import Processor


def kinds(jobs):
    return [type(job.work) for job in jobs]


def test_each_policy_is_loaded_and_every_worker_loads_one():
    assert [job.work.policy for job in make_preflight_jobs(PLAN, 5, None)] == [
        "good",
        "bad",
        "good",
        "bad",
        "good",
    ]
    assert [job.work.policy for job in make_preflight_jobs(PLAN, 1, None)] == ["good", "bad"]


PROCESSOR = to_json(Processor("a processor", ("X86_V3",), "Haswell", None))


def test_workers_that_draw_with_different_renderers_are_refused():
    checks, job = PreflightChecks("auto"), Job("load", CheckPolicy("good", None))
    policy = to_json(FACTS["good"])
    checks.done(job, {"renderer": "gl", "device": "llvmpipe", "processor": PROCESSOR, "fallback": "", "policy": policy})
    assert checks.policies == {"good": FACTS["good"]}
    assert checks.renderer == RendererFacts("auto", "gl", "llvmpipe")
    with pytest.raises(InputError, match="different renderers, gl on llvmpipe and tiny on cpu"):
        checks.done(
            job, {"renderer": "tiny", "device": "cpu", "processor": PROCESSOR, "fallback": "", "policy": policy}
        )


def test_workers_that_run_a_policy_on_different_devices_are_refused():
    checks, job = PreflightChecks("auto"), Job("load", CheckPolicy("good", None))
    for runtime in ("torch eager cuda (H100)", "torch eager cuda (H100)"):
        policy = to_json(replace(FACTS["good"], runtime=runtime))
        checks.done(
            job, {"renderer": "gl", "device": "llvmpipe", "processor": PROCESSOR, "fallback": "", "policy": policy}
        )
    other = to_json(replace(FACTS["good"], runtime="torch eager cuda (A100)"))
    with pytest.raises(InputError, match=r"one by torch eager cuda \(H100\) and one by torch eager cuda \(A100\)"):
        checks.done(
            job, {"renderer": "gl", "device": "llvmpipe", "processor": PROCESSOR, "fallback": "", "policy": other}
        )


def test_the_processors_of_all_workers_are_kept():
    checks, job = PreflightChecks("auto"), Job("load", CheckPolicy("good", None))
    for blas in ("Haswell", "SkylakeX"):
        processor = to_json(Processor("a processor", (), blas, None))
        checks.done(
            job,
            {
                "renderer": "gl",
                "device": "llvmpipe",
                "processor": processor,
                "fallback": "",
                "policy": to_json(FACTS["good"]),
            },
        )
    assert [processor.blas for processor in checks.processors] == ["Haswell", "SkylakeX"]


def test_measuring_latency_comes_after_all_loading_one_policy_at_a_time():
    jobs = make_preflight_jobs(replace(PLAN, latency="measured"), 3, None)
    loads, (first, second) = jobs[:3], jobs[3:]
    assert kinds(jobs) == [*[CheckPolicy] * 3, *[TimePolicy] * 2]
    assert first.after == {job.name for job in loads}
    assert second.after == {*first.after, first.name}
    assert first.work == TimePolicy("good", "corridor", 0)


def test_what_an_earlier_sitting_timed_is_not_timed_again():
    jobs = make_preflight_jobs(replace(PLAN, latency="measured"), 1, None, timed={"good": 0.1})
    assert [job.name for job in jobs if isinstance(job.work, TimePolicy)] == ["time bad"]
    assert set(kinds(make_preflight_jobs(replace(PLAN, latency=0.3), 1, None))) == {CheckPolicy}


def test_checks_keep_what_was_measured():
    checks = PreflightChecks("auto")
    checks.done(Job("time good", TimePolicy("good", "corridor", 0)), {"latency_s": 0.02})
    assert (checks.latency_s, checks.policies) == ({"good": 0.02}, {})
