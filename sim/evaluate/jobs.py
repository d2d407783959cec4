"""The jobs of an evaluation: check or time a policy, drive a block, record or score held-out demonstrations."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from envs.simulation.lockstep import Lockstep
from policies.policy import DEFAULT_RUNTIME, ObservationBatch, Policy, PolicyWithWeights
from policies.registry import make_policy
from scenarios.lookup import get_scenario
from sim.evaluate.block import drive_block, film_block
from sim.evaluate.job_kinds import (
    CheckPolicy,
    DriveBlock,
    EvaluationSettings,
    RecordHeldOut,
    ScoreOffline,
    TimePolicy,
)
from sim.metrics.registry import register_metric
from sim.results.codec import to_json
from sim.results.offline_score import HELD_OUT
from sim.results.plan import BLOCK_EPISODES
from sim.rollout.frame_history import FrameHistory
from sim.rollout.latency import measure_latency
from sim.rollout.policy_calls import make_observation
from sim.rollout.schedule import hold_steps
from sim.workers.job import Job, JsonObject
from sim.workers.memory import release_zero_pages, trim_heap
from sim.workers.monitored_policy import MonitoredPolicy
from sim.workers.process import Heartbeat
from sim.workers.processor import read_processor


class EvaluationJobs:
    """Does a worker's jobs with one renderer, one set of simulations and one policy, kept from job to job.

    Args:
        settings: Settings of all jobs.
        heartbeat: This worker's sign of life.
    """

    def __init__(self, settings: EvaluationSettings, heartbeat: Heartbeat) -> None:
        self._settings = settings
        for reference in settings.metrics:
            register_metric(reference)
        self._heartbeat = heartbeat
        self._lockstep: Lockstep | None = None
        self._loaded: tuple[str, int, Policy] | None = None

    def do(self, job: Job, report: Callable[[JsonObject], None]) -> JsonObject:
        """Do a job and return its result; ``report`` gets each row of a block as its episode ends."""
        match job.work:
            case CheckPolicy() as work:
                return self._check_policy(work)
            case TimePolicy() as work:
                return self._time_policy(work)
            case DriveBlock() as work:
                return self._drive_block(work, job.out, report)
            case RecordHeldOut() as work:
                return self._record_held_out(work)
            case ScoreOffline() as work:
                return self._score_offline(work)
        raise TypeError(f"not a job of an evaluation: {job.work}")

    def _policy(self, name: str, slots: int) -> Policy:
        """Return a policy for a batch of ``slots``; weights stay loaded from job to job.

        A policy without weights is cheap, so it is made anew and can't carry anything over. A policy with weights is
        loaded again when the batch size changes (offline scores have their own), which its first reset fixes.
        """
        if self._loaded is not None and self._loaded[:2] == (name, slots) and self._loaded[2].spec.parameters > 0:
            return self._loaded[2]
        self._loaded = None  # never two policies' weights at a time
        self._loaded = (name, slots, make_policy(name, self._settings.runtime))
        if (torch := sys.modules.get("torch")) is not None:
            torch.set_num_threads(1)
        if self._settings.runtime.compile != DEFAULT_RUNTIME.compile:
            warm_up(self._loaded[2], slots)
        return self._loaded[2]

    @property
    def _mapping(self) -> Path | None:
        """Mapping file of the data set that was given."""
        return None if self._settings.mapping is None else Path(self._settings.mapping)

    def _simulations(self) -> Lockstep:
        if self._lockstep is None:
            self._lockstep = Lockstep(BLOCK_EPISODES, renderer=self._settings.renderer)
            release_zero_pages()
        return self._lockstep

    def _check_policy(self, work: CheckPolicy) -> JsonObject:
        """Load a policy and the renderer and return their properties, or raise ``InputError``."""
        renderer = self._simulations().renderer
        policy = self._policy(work.policy, BLOCK_EPISODES)
        hold_steps(policy.spec)
        if work.dataset is not None:
            from policies.dataset.episodes import open_dataset  # its readers are slow to import
            from sim.offline.predictions import check_recording

            check_recording(policy, open_dataset(Path(work.dataset), self._mapping))
        return {
            "renderer": renderer.name,
            "device": renderer.device,
            "processor": to_json(read_processor()),
            "policy": {
                "parameters": policy.spec.parameters,
                "privileged": policy.spec.privileged,
                "period_s": policy.spec.period_s,
                "image_size": None if policy.spec.image_size is None else list(policy.spec.image_size),
                "weights": hash_weights(policy),
                "runtime": policy.spec.runtime,
                "members": name_members(policy),
            },
        }

    def _time_policy(self, work: TimePolicy) -> JsonObject:
        """Measure a policy's latency for one robot, in s."""
        policy = MonitoredPolicy(self._policy(work.policy, 1), self._heartbeat)
        world = get_scenario(work.scenario).world(work.suite_seed, 0)
        lockstep = self._simulations()
        step = lockstep.reset([world])
        frames = FrameHistory(policy.spec.observation.frames)
        frames.add(step.pixels)
        seen = make_observation(policy.spec, step, lockstep.worlds, np.ones(len(lockstep.worlds), bool), frames)
        return {"latency_s": measure_latency(policy, select_first_slot(seen), world.instruction)}

    def _drive_block(self, work: DriveBlock, out: Path | None, report: Callable[[JsonObject], None]) -> JsonObject:
        assert out is not None  # every block has a folder for its films
        policy = MonitoredPolicy(self._policy(work.block.cell.policy, BLOCK_EPISODES), self._heartbeat)
        lockstep = self._simulations()
        driven = drive_block(lockstep, policy, work.block, lambda row: report(to_json(row)), work.latency_s)
        trim_heap()
        filmed = film_block(lockstep, driven, out, self._settings.video)
        trim_heap()
        return {"filmed": filmed}

    def _record_held_out(self, work: RecordHeldOut) -> JsonObject:
        from sim.offline.held_out import ensure_held_out

        return {"dataset": str(ensure_held_out(work.scenario))}

    def _score_offline(self, work: ScoreOffline) -> JsonObject:
        from policies.dataset.episodes import open_dataset
        from sim.offline.held_out import ensure_held_out
        from sim.offline.predictions import OFFLINE_BATCH
        from sim.offline.score import score_policy

        path = work.dataset
        if path is None:
            assert work.scenario is not None  # one of the two is given
            path = str(ensure_held_out(work.scenario))
        policy = MonitoredPolicy(self._policy(work.policy, OFFLINE_BATCH), self._heartbeat)
        score = score_policy(policy, open_dataset(Path(path), None if work.dataset is None else self._mapping))
        dataset = work.dataset or HELD_OUT
        return {"entry": to_json(replace(score, policy=work.policy, scenario=work.scenario, dataset=dataset))}


def warm_up(policy: Policy, slots: int) -> None:
    """Let a policy compile itself for a batch of ``slots``, which may take longer than the timeout of a call."""
    policy.reset(range(slots), ["go"] * slots)
    pixels = None if policy.spec.image_size is None else np.zeros((slots, *policy.spec.image_size, 3), np.uint8)
    policy.act(ObservationBatch(pixels, np.zeros((slots, 6), np.float32), np.ones(slots, bool)))


def select_first_slot(batch: ObservationBatch) -> ObservationBatch:
    """Return the observation of the first slot, as a batch of one."""
    pixels = None if batch.pixels is None else batch.pixels[:1]
    return ObservationBatch(
        pixels, batch.agent_pos[:1], batch.live[:1], None if batch.truth is None else batch.truth[:1]
    )


def hash_weights(policy: Policy) -> str | None:
    """Return the sha256 of a policy's weights, or None for a policy without weights.

    A policy that doesn't state it has the hash of the torch modules among its attributes, or of itself if it is one.
    """
    if isinstance(policy, PolicyWithWeights):
        return policy.weights_sha256
    if "torch" not in sys.modules:  # then it has no modules, and torch needn't be imported
        return None
    from torch import nn

    from policies.inference.weights import hash_networks

    if isinstance(policy, nn.Module):
        return hash_networks([policy])
    return hash_networks(value for value in getattr(policy, "__dict__", {}).values() if isinstance(value, nn.Module))


def name_members(policy: Policy) -> list[str]:
    """Return the names of the policies whose actions it averages; empty for all others."""
    if "policies.systems.ensemble" not in sys.modules:  # then it is none, and torch needn't be imported
        return []
    from policies.systems.ensemble import EnsemblePolicy

    return [member.spec.name for member in policy.members] if isinstance(policy, EnsemblePolicy) else []
