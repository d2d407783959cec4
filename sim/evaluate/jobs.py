"""The jobs of an evaluation: check or time a policy, drive a block, record or score held-out demonstrations."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from envs.simulation.lockstep import Lockstep
from policies.host.client import HostedPolicy, LostPolicy
from policies.names.kinds import find_kind
from policies.names.reference import PolicyReference
from policies.policy import (
    DEFAULT_RUNTIME,
    ObservationBatch,
    Policy,
    PolicyUnavailableError,
    PolicyWithWeights,
)
from policies.registry import POLICIES, SCRIPTED, make_policy
from scenarios.common.errors import InputError
from scenarios.common.seeding import episode_seed
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
from sim.evaluate.networks import find_networks
from sim.evaluate.trajectories import write_trajectories
from sim.metrics.registry import register_metric
from sim.results.codec import to_json
from sim.results.plan import BLOCK_EPISODES
from sim.results.summary.offline_score import HELD_OUT
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
        objects: Policies that exist already, by name, in a process that isn't a worker's own; None in a worker.
    """

    def __init__(
        self, settings: EvaluationSettings, heartbeat: Heartbeat, objects: Mapping[str, Policy] | None = None
    ) -> None:
        self._settings = settings
        self._own_process = objects is None
        self._objects = objects or {}
        self._torch_threads: int | None = None
        for reference in settings.metrics:
            register_metric(reference)
        self._heartbeat = heartbeat
        self._references = {reference.label: reference for reference in settings.policies}
        self._lockstep: Lockstep | None = None
        self._loaded: tuple[str, int, Policy] | None = None

    def do(self, job: Job, report: Callable[[JsonObject], None]) -> JsonObject:
        """Do a job and return its result; ``report`` gets each row of a block as its episode ends.

        It is done again if its policy's process was ended by a call of another worker; from then on it has its own.
        """
        try:
            return self._do_once(job, report)
        except PolicyUnavailableError:
            return self._do_once(job, report)

    def _do_once(self, job: Job, report: Callable[[JsonObject], None]) -> JsonObject:
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

    def close(self) -> None:
        """Close the simulations and the renderer, and give memory and torch's threads back.

        A process that ends needs none of it.

        A job after this opens them again.
        """
        if self._lockstep is not None:
            self._lockstep.close()
        self._lockstep = None
        self._unload()
        trim_heap()
        if self._torch_threads is not None:
            sys.modules["torch"].set_num_threads(self._torch_threads)
        self._torch_threads = None

    def _policy(self, name: str, slots: int) -> Policy:
        """Return a policy for a batch of ``slots``. It stays from job to job: its ``reset`` starts each block.

        It is made again when the batch size changes, which its first reset fixes: a policy is timed with one robot.
        The scripted policies of this package are made anew each time, as one of them counts its episodes.
        """
        if name in self._objects:
            self._limit_torch()
            return self._objects[name]
        reference = self._find_reference(name)
        if self._loaded is not None and self._loaded[0] == name and reference.target not in SCRIPTED:
            if self._loaded[1] != slots and isinstance(self._loaded[2], HostedPolicy):
                self._loaded[2].end_session()
                self._loaded = (name, slots, self._loaded[2])
            if self._loaded[1] == slots:
                return self._loaded[2]
        self._unload()  # never two policies' weights at a time
        policy = make_policy(reference, self._settings.runtime, self._settings.hosting)
        self._loaded = (name, slots, policy)
        self._limit_torch()
        for network in find_networks(policy):
            network.eval()
        if self._settings.runtime.compile != DEFAULT_RUNTIME.compile:
            warm_up(policy, slots)
        return policy

    def _unload(self) -> None:
        """Forget the policy, and give its host back."""
        if self._loaded is not None and isinstance(self._loaded[2], HostedPolicy):
            self._loaded[2].close()
        self._loaded = None

    def _timed_policy(self, name: str, slots: int) -> Policy:
        """Return a policy whose calls don't last longer than the limit; one in a host sees to that itself."""
        policy = self._policy(name, slots)
        if isinstance(policy, HostedPolicy):
            policy.on_wait = self._heartbeat.alive
            return policy
        return MonitoredPolicy(policy, self._heartbeat)

    def _loaded_policy(self, name: str, slots: int) -> Policy:
        """Return a policy that was loaded before; somebody's that can't be loaded any more fails in its episodes alone.

        Raises:
            InputError: It is one of this package's, and can't be loaded.
        """
        try:
            return self._timed_policy(name, slots)
        except InputError as error:
            if not find_kind(self._find_reference(name).target).is_hosted:
                raise
            return LostPolicy(name, str(error))

    def _find_reference(self, name: str) -> PolicyReference:
        """Return what a policy's label stands for."""
        return self._references.get(name, PolicyReference(name, name))

    def _limit_torch(self) -> None:
        """Let torch compute with one thread, as the number of threads changes sums."""
        if (torch := sys.modules.get("torch")) is not None and self._torch_threads is None:
            self._torch_threads = torch.get_num_threads()
            torch.set_num_threads(1)

    @property
    def _mapping(self) -> Path | None:
        """Mapping file of the data set that was given."""
        return None if self._settings.mapping is None else Path(self._settings.mapping)

    def _simulations(self) -> Lockstep:
        if self._lockstep is None:
            self._lockstep = Lockstep(BLOCK_EPISODES, renderer=self._settings.renderer)
            if self._own_process:
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
            "doubts": self._list_doubts(work.policy),
            "renderer": renderer.name,
            "device": renderer.device,
            "fallback": renderer.reason,
            "processor": to_json(read_processor()),
            "policy": {
                "parameters": policy.spec.parameters or count_parameters(policy),
                "privileged": policy.spec.privileged,
                "period_s": policy.spec.period_s,
                "image_size": None if policy.spec.image_size is None else list(policy.spec.image_size),
                "weights": hash_weights(policy),
                "runtime": policy.spec.runtime,
                "chunk": policy.spec.chunk,
                "replan": policy.spec.replan,
                "action": policy.spec.action.describe(),
                "observation": policy.spec.observation.describe(),
                "source": self._describe_source(work.policy),
                "members": name_members(policy),
            },
        }

    def _describe_source(self, name: str) -> str:
        """Describe what a policy was made from; empty if that is its name."""
        source = self._find_reference(name).source
        return "" if source == name else source

    def _list_doubts(self, name: str) -> list[str]:
        """Check a policy that isn't shipped in a few calls, if asked to; raise ``InputError`` if it is worthless."""
        target = self._find_reference(name).target
        if not self._settings.check or target in POLICIES:
            return []
        from policies.check.preflight import check_before_driving

        return check_before_driving(self._timed_policy(name, BLOCK_EPISODES), target, BLOCK_EPISODES)

    def _time_policy(self, work: TimePolicy) -> JsonObject:
        """Measure a policy's latency for one robot, in s; that of an object is measured among idle slots."""
        alone = work.policy not in self._objects
        policy = self._timed_policy(work.policy, 1 if alone else BLOCK_EPISODES)
        world = get_scenario(work.scenario).world(work.suite_seed, 0)
        lockstep = self._simulations()
        step = lockstep.reset([world])
        frames = FrameHistory(policy.spec.observation.frames)
        frames.add(step.pixels)
        live = np.arange(len(lockstep.worlds)) == 0
        seen = make_observation(policy.spec, step, lockstep.worlds, live, frames)
        return {"latency_s": measure_latency(policy, select_first_slot(seen) if alone else seen, world.instruction)}

    def _drive_block(self, work: DriveBlock, out: Path | None, report: Callable[[JsonObject], None]) -> JsonObject:
        block = work.block
        policy = self._loaded_policy(block.cell.policy, BLOCK_EPISODES)
        lockstep = self._simulations()
        seed = seed_global_generators(block.suite_seed, block.cell.scenario, block.first)
        if isinstance(policy, HostedPolicy):
            policy.seed = seed
        driven = drive_block(lockstep, policy, block, lambda row: report(to_json(row)), work.latency_s)
        trim_heap()
        filmed: list[int] = []
        if out is not None:
            filmed = film_block(lockstep, driven, out, self._settings.video)
            if self._settings.trajectories:
                write_trajectories(out, block, [episode.trace for episode in driven])
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
        policy = self._loaded_policy(work.policy, OFFLINE_BATCH)
        score = score_policy(policy, open_dataset(Path(path), None if work.dataset is None else self._mapping))
        dataset = work.dataset or HELD_OUT
        return {"entry": to_json(replace(score, policy=work.policy, scenario=work.scenario, dataset=dataset))}


def seed_global_generators(suite_seed: int, scenario: str, episode: int) -> int:
    """Seed the generators of Python, NumPy and torch, so that a policy that draws from them is the same everywhere.

    Returns:
        The seed.
    """
    seed = episode_seed(suite_seed, scenario, episode) % 2**32
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  it is the global generator that policies may use
    if (torch := sys.modules.get("torch")) is not None:
        torch.manual_seed(seed)
    return seed


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

    A policy that doesn't state it has the hash of its torch modules, or of itself if it is one.
    """
    if isinstance(policy, PolicyWithWeights):
        return policy.weights_sha256
    if not (networks := find_networks(policy)):
        return None
    from policies.inference.weights import hash_networks

    return hash_networks(networks)


def count_parameters(policy: Policy) -> int:
    """Count the parameters of a policy's torch modules, shared ones once; 0 without any."""
    networks = find_networks(policy)
    return sum({id(weight): weight.numel() for network in networks for weight in network.parameters()}.values())


def name_members(policy: Policy) -> list[str]:
    """Return the names of the policies whose actions it averages; empty for all others."""
    if "policies.systems.ensemble" not in sys.modules:  # then it is none, and torch needn't be imported
        return []
    from policies.systems.ensemble import EnsemblePolicy

    return [member.spec.name for member in policy.members] if isinstance(policy, EnsemblePolicy) else []
