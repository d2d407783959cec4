"""Laws of the start of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import FACTS, PLAN

from sim.console.progress import EpisodeListener
from sim.evaluate.job_kinds import CheckPolicy, EvaluationSettings, TimePolicy
from sim.evaluate.run.execution import NotStartedError, start_run
from sim.evaluate.run.request import EvaluationRequest
from sim.results.codec import to_json
from sim.results.folder import RunFolder
from sim.results.manifest import OfflineSettings
from sim.workers.processor import Processor


class Pool:
    """Does the checks of a run at once."""

    def __init__(self, renderer="gl", fallback="", failure=None, latency_s=0.25):
        self.renderer, self.fallback, self.failure, self.latency_s = renderer, fallback, failure, latency_s
        self.timed = []

    def run(self, jobs, listener):
        for job in jobs:
            if self.failure:
                listener.failed(job, self.failure)
            elif isinstance(job.work, CheckPolicy):
                listener.done(
                    job,
                    {
                        "renderer": self.renderer,
                        "device": "llvmpipe",
                        "fallback": self.fallback,
                        "processor": to_json(Processor("a processor", (), None, None)),
                        "policy": to_json(FACTS[job.work.policy]),
                    },
                )
            elif isinstance(job.work, TimePolicy):
                self.timed.append(job.work.policy)
                listener.done(job, {"latency_s": self.latency_s})


def request(plan=PLAN, **values):
    settings, offline = EvaluationSettings("auto", "none"), OfflineSettings(True, None)
    return EvaluationRequest(plan=plan, settings=settings, offline=offline, command=("here",), **values)


def test_a_run_without_a_folder_is_in_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = start_run(request(), Pool(), 1, EpisodeListener())
    assert (run.rows.path, run.rows.manifest.command, run.warnings) == (None, ("here",), [])
    assert list(tmp_path.iterdir()) == []


def test_a_run_with_a_folder_writes_its_manifest(tmp_path):
    run = start_run(request(out=tmp_path / "run"), Pool(), 1, EpisodeListener())
    assert isinstance(run.rows, RunFolder)
    assert (tmp_path / "run/manifest.json").is_file()
    run.rows.close()


def test_the_slow_renderer_is_told_with_its_reason_and_its_remedy():
    run = start_run(request(), Pool("tiny", "gl is not available here: no EGL"), 1, EpisodeListener())
    (warning,) = run.warnings
    assert "about 20 times slower than OpenGL: gl is not available here: no EGL" in warning
    assert "apt-get install libegl1 libgl1-mesa-dri" in warning


def test_what_fails_before_the_first_episode_is_an_error_with_its_reason():
    with pytest.raises(NotStartedError, match=r"load .* out of memory"):
        start_run(request(), Pool(failure="out of memory"), 1, EpisodeListener())


def test_latency_is_given_or_measured_and_a_resumed_run_keeps_what_it_measured(tmp_path):
    given = start_run(request(replace(PLAN, latency=0.1)), Pool(), 1, EpisodeListener())
    assert {facts.latency_s for facts in given.rows.manifest.policies.values()} == {0.1}
    measured, pool = request(replace(PLAN, latency="measured"), out=tmp_path / "run"), Pool()
    start_run(measured, pool, 1, EpisodeListener()).rows.close()
    assert pool.timed == ["good", "bad"]
    again = Pool(latency_s=0.5)
    run = start_run(replace(measured, resume=True), again, 1, EpisodeListener())
    assert again.timed == []
    assert {facts.latency_s for facts in run.rows.manifest.policies.values()} == {0.25}
    run.rows.close()
