"""What a worker does with a job: check a policy, drive a block, record or score held-out demonstrations."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from envs.simulation.lockstep import Lockstep
from policies.dataset.episodes import open_dataset
from policies.inference.runtime import DEFAULT_RUNTIME
from policies.policy import ObservationBatch, Policy
from policies.registry import make_policy
from scenarios.perturbations import sample_perturbed_world
from scenarios.registry import get_scenario
from scenarios.world import World
from sim.evaluate.job_kinds import (
    CheckPolicy,
    DriveBlock,
    EvaluationSettings,
    RecordHeldOut,
    ScoreOffline,
    TimePolicy,
)
from sim.metrics.navigation import score_episode
from sim.results.plan import BLOCK_EPISODES, UNPERTURBED, Block
from sim.results.row import EpisodeRow, VideoChoice, new_row, select_filmed, video_path
from sim.rollout.latency import measure_latency
from sim.rollout.loop import Episode, EpisodeState, Outcome, hold_steps, make_observation, rollout_episodes
from sim.rollout.trace import DigestObserver, TraceObserver
from sim.workers.job import Job, JsonObject
from sim.workers.monitored_policy import MonitoredPolicy
from sim.workers.process import Heartbeat


class EvaluationJobs:
    """Does a worker's jobs with one renderer, one set of simulations and one policy, kept from job to job.

    Args:
        settings: What all jobs have in common.
        heartbeat: Where this worker shows life.
    """

    def __init__(self, settings: EvaluationSettings, heartbeat: Heartbeat) -> None:
        self._settings = settings
        self._heartbeat = heartbeat
        self._lockstep: Lockstep | None = None
        self._loaded: tuple[str, int, Policy] | None = None

    def do(self, job: Job, report: Callable[[JsonObject], None]) -> JsonObject:
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
        """A policy to be driven with so many slots; weights stay loaded from job to job.

        A policy without weights costs nothing to make, so it is made anew and can't carry anything over; one with
        weights is loaded again when the batch size changes (offline scores have their own): its first reset fixes it.
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

    def _simulations(self) -> Lockstep:
        if self._lockstep is None:
            self._lockstep = Lockstep(BLOCK_EPISODES, renderer=self._settings.renderer)
        return self._lockstep

    def _check_policy(self, work: CheckPolicy) -> JsonObject:
        """Load a policy and the renderer; say what they are, or raise ``InputError``."""
        renderer = self._simulations().renderer
        policy = self._policy(work.policy, BLOCK_EPISODES)
        hold_steps(policy.spec)
        if work.dataset is not None:
            from sim.offline.predictions import check_recording

            check_recording(policy, open_dataset(Path(work.dataset)))
        return {
            "renderer": renderer.name,
            "device": renderer.device,
            "policy": {
                "parameters": policy.spec.parameters,
                "privileged": policy.spec.privileged,
                "period_s": policy.spec.period_s,
                "image_size": None if policy.spec.image_size is None else list(policy.spec.image_size),
                "weights": hash_weights(policy),
                "runtime": policy.spec.runtime,
            },
        }

    def _time_policy(self, work: TimePolicy) -> JsonObject:
        """Measure how long a policy takes for one robot's action, in s."""
        policy = MonitoredPolicy(self._policy(work.policy, 1), self._heartbeat)
        world = get_scenario(work.scenario).world(work.suite_seed, 0)
        lockstep = self._simulations()
        slots = len(lockstep.simulations)
        seen = make_observation(policy.spec, lockstep.reset([world]), [world] * slots, np.ones(slots, bool))
        return {"latency_s": measure_latency(policy, select_first_slot(seen), world.instruction)}

    def _drive_block(self, work: DriveBlock, out: Path | None, report: Callable[[JsonObject], None]) -> JsonObject:
        assert out is not None  # every block has a folder for its films
        block, video = work.block, self._settings.video
        policy = MonitoredPolicy(self._policy(block.cell.policy, BLOCK_EPISODES), self._heartbeat)
        rows = run_block(self._simulations(), policy, block, out, video, lambda row: report(row), work.latency_s)
        return {"rows": rows}

    def _record_held_out(self, work: RecordHeldOut) -> JsonObject:
        from sim.offline.held_out import ensure_held_out

        return {"dataset": str(ensure_held_out(work.scenario))}

    def _score_offline(self, work: ScoreOffline) -> JsonObject:
        from sim.offline.held_out import ensure_held_out
        from sim.offline.predictions import OFFLINE_BATCH
        from sim.offline.score import score_policy

        path = work.dataset
        if path is None:
            assert work.scenario is not None  # one of the two is given
            path = str(ensure_held_out(work.scenario))
        policy = MonitoredPolicy(self._policy(work.policy, OFFLINE_BATCH), self._heartbeat)
        return {"entry": score_policy(policy, open_dataset(Path(path)))}


class _RowObserver:
    """An observer that turns each ended episode into its row, after the trace and the digest have seen the end."""

    def __init__(
        self, block: Block, traces: TraceObserver, digests: DigestObserver, finished: Callable[[EpisodeRow], None]
    ) -> None:
        self.rows: dict[int, EpisodeRow] = {}
        self._block = block
        self._traces = traces
        self._digests = digests
        self._finished = finished
        self._started: dict[int, tuple[Episode, World]] = {}

    def started(self, slot: int, episode: Episode, world: World, pixels: np.ndarray, state: EpisodeState) -> None:
        self._started[slot] = (episode, world)

    def stepped(self, slot: int, action: np.ndarray, pixels: np.ndarray, state: EpisodeState, policy_ms: float) -> None:
        """Nothing to keep: the trace does."""

    def ended(self, slot: int, outcome: Outcome) -> None:
        episode, world = self._started[slot]
        values: dict[str, Any] = score_episode(self._traces.traces[slot], world, outcome)
        values.update(digest=self._digests.digests[slot], error=outcome.error)
        self.rows[slot] = new_row(self._block.cell, episode, outcome.status, outcome.steps, **values)
        self._finished(self.rows[slot])


def warm_up(policy: Policy, slots: int) -> None:
    """Let a policy compile itself, for so many slots; that takes longer than an answer may take."""
    policy.reset(range(slots), ["go"] * slots)
    pixels = None if policy.spec.image_size is None else np.zeros((slots, *policy.spec.image_size, 3), np.uint8)
    policy.act(ObservationBatch(pixels, np.zeros((slots, 6), np.float32), np.ones(slots, bool)))


def select_first_slot(batch: ObservationBatch) -> ObservationBatch:
    """What one robot's policy would be shown."""
    pixels = None if batch.pixels is None else batch.pixels[:1]
    return ObservationBatch(
        pixels, batch.agent_pos[:1], batch.live[:1], None if batch.truth is None else batch.truth[:1]
    )


def run_block(
    lockstep: Lockstep,
    policy: Policy,
    block: Block,
    out: Path,
    video: VideoChoice,
    on_row: Callable[[EpisodeRow], None],
    latency_s: float = 0.0,
) -> list[EpisodeRow]:
    """Drive one block, film what is to be filmed, and give its rows in order.

    Args:
        lockstep: With ``BLOCK_EPISODES`` slots.
        policy: Already the one that the block names.
        block: What to drive.
        out: The run folder, for videos.
        video: "none", "failures" or "all".
        finished: Told of each row as its episode ends (without its video).
        latency_s: How long the policy thinks; a perturbation's comes on top.
    """
    scenario = block.scenario
    worlds = [sample_perturbed_world(scenario, e.suite_seed, e.number, e.perturbation) for e in block.episodes]
    traces, digests = TraceObserver(lockstep.simulations), DigestObserver()
    maker = _RowObserver(block, traces, digests, on_row)
    outcomes = rollout_episodes(lockstep, policy, block.episodes, worlds, (traces, digests, maker), latency_s)
    rows = [maker.rows[slot] for slot in range(len(worlds))]
    wanted = select_filmed(rows, video)
    for slot, (row, world, outcome) in enumerate(zip(rows, worlds, outcomes, strict=True)):
        if row["episode"] in wanted:
            from sim.drawing.film import write_film  # its encoder is slow to import

            name = video_path(row)
            perturbation = "" if block.cell.perturbation == UNPERTURBED else f" · {block.cell.perturbation}"
            title = f"{block.cell.policy} · {block.cell.scenario}{perturbation} · episode {row['episode']}"
            simulation, trace = lockstep.simulations[slot], traces.traces[slot]
            write_film(simulation, trace, world, outcome, out / name, title=title, renderer=lockstep.renderer)
            rows[slot] = {**row, "video": name}
    return rows


def hash_weights(policy: Policy) -> str | None:
    """A sha256 over the names, types, shapes and bytes of every torch weight and buffer that a policy holds, or None.

    Of what was loaded rather than of a file, so that it also tells apart two ways of loading the same file. A policy
    whose weights torch doesn't hold says it itself, as ``weights_sha256``.
    """
    if isinstance(own := getattr(policy, "weights_sha256", None), str):
        return own
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    held = [policy, *vars(policy).values()] if hasattr(policy, "__dict__") else [policy]
    digest, seen = hashlib.sha256(), False
    for module in held:
        if not isinstance(module, torch.nn.Module):
            continue
        for name, tensor in sorted(module.state_dict().items()):
            seen = True
            digest.update(f"{name}/{tensor.dtype}/{tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest() if seen else None
