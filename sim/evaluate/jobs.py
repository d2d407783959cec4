"""What a worker does with a unit: check a policy, drive a block, make or score held-out demonstrations."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from envs.simulation.lockstep import Lockstep
from policies.dataset.episodes import open_dataset
from policies.inference.runtime import DEFAULT_RUNTIME, InferenceRuntime
from policies.policy import ObservationBatch, Policy, PolicySpec
from policies.registry import make_policy
from scenarios.perturbations import sample_perturbed_world
from scenarios.registry import get_scenario
from scenarios.world import World
from sim.metrics.score import score_episode
from sim.results.codec import to_json
from sim.results.offline_score import HELD_OUT
from sim.results.plan import BLOCK_EPISODES, UNPERTURBED, Block, Cell
from sim.results.row import EpisodeRow, VideoChoice, new_row, select_filmed, video_path
from sim.rollout.latency import measure_latency
from sim.rollout.loop import Episode, EpisodeState, Outcome, hold_steps, make_observation, rollout_episodes
from sim.rollout.trace import DigestObserver, TraceObserver
from sim.workers.process import Heartbeat, JsonObject


class MonitoredPolicy:
    """A policy whose every call shows on the watch, so that the parent sees one that doesn't come back."""

    def __init__(self, policy: Policy, watch: Heartbeat) -> None:
        self._policy = policy
        self._watch = watch

    @property
    def spec(self) -> PolicySpec:
        return self._policy.spec

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        with self._watch.in_policy():
            self._policy.reset(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        with self._watch.in_policy():
            return self._policy.act(batch)


class EvaluationJobs:
    """A worker's workshop: one renderer, one set of simulations and one policy, kept from unit to unit.

    Args:
        settings: ``renderer`` ("auto", "gl", "tiny"), ``video`` ("none", "failures", "all") and, if policies aren't to
            be computed as usual, ``runtime``: the fields of a ``policies.inference.runtime.InferenceRuntime``.
        watch: Where this worker shows life.
    """

    def __init__(self, settings: JsonObject, watch: Heartbeat) -> None:
        self._settings = settings
        self._runtime = InferenceRuntime(**settings.get("runtime", {}))
        self._watch = watch
        self._lockstep: Lockstep | None = None
        self._loaded: tuple[str, int, Policy] | None = None
        self._jobs: dict[str, Callable[[JsonObject, Callable[[JsonObject], None]], JsonObject]] = {
            "check": self._check,
            "time": self._time,
            "block": self._block,
            "held-out": self._held_out,
            "offline": self._offline,
        }

    def do(self, kind: str, arguments: JsonObject, part: Callable[[JsonObject], None]) -> JsonObject:
        return self._jobs[kind](arguments, part)

    def _policy(self, name: str, slots: int) -> Policy:
        """A policy to be driven with so many slots; weights stay loaded from unit to unit.

        A policy without weights costs nothing to make, so it is made anew and can't carry anything over; one with
        weights is loaded again when the batch size changes (offline scores have their own): its first reset fixes it.
        """
        if self._loaded is not None and self._loaded[:2] == (name, slots) and self._loaded[2].spec.parameters > 0:
            return self._loaded[2]
        self._loaded = None  # never two policies' weights at a time
        self._loaded = (name, slots, make_policy(name, self._runtime))
        if (torch := sys.modules.get("torch")) is not None:
            torch.set_num_threads(1)
        if self._runtime.compile != DEFAULT_RUNTIME.compile:
            warm_up(self._loaded[2], slots)
        return self._loaded[2]

    def _simulations(self) -> Lockstep:
        if self._lockstep is None:
            self._lockstep = Lockstep(BLOCK_EPISODES, renderer=self._settings["renderer"])
        return self._lockstep

    def _check(self, arguments: JsonObject, part: Callable[[JsonObject], None]) -> JsonObject:
        """Load a policy and the renderer; say what they are, or raise ``InputError``."""
        renderer = self._simulations().renderer
        policy = self._policy(arguments["policy"], BLOCK_EPISODES)
        hold_steps(policy.spec)
        if arguments["dataset"] is not None:
            from sim.offline.predictions import check_recording

            check_recording(policy, open_dataset(Path(arguments["dataset"])))
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

    def _time(self, arguments: JsonObject, part: Callable[[JsonObject], None]) -> JsonObject:
        """How long a policy thinks over one robot's view, in s."""
        policy = MonitoredPolicy(self._policy(arguments["policy"], 1), self._watch)
        world = get_scenario(arguments["scenario"]).world(arguments["suite_seed"], 0)
        lockstep = self._simulations()
        slots = len(lockstep.simulations)
        seen = make_observation(policy.spec, lockstep.reset([world]), [world] * slots, np.ones(slots, bool))
        return {"latency_s": measure_latency(policy, select_first_slot(seen), world.instruction)}

    def _block(self, arguments: JsonObject, part: Callable[[JsonObject], None]) -> JsonObject:
        block = Block(**{**arguments["block"], "cell": Cell(**arguments["block"]["cell"])})
        policy = MonitoredPolicy(self._policy(block.cell.policy, BLOCK_EPISODES), self._watch)
        out, video, latency_s = Path(arguments["out"]), self._settings["video"], arguments["latency_s"]
        rows = run_block(self._simulations(), policy, block, out, video, lambda row: part(to_json(row)), latency_s)
        return {"rows": to_json(rows)}

    def _held_out(self, arguments: JsonObject, part: Callable[[JsonObject], None]) -> JsonObject:
        from sim.offline.held_out import ensure_held_out

        return {"dataset": str(ensure_held_out(arguments["scenario"]))}

    def _offline(self, arguments: JsonObject, part: Callable[[JsonObject], None]) -> JsonObject:
        from sim.offline.held_out import ensure_held_out
        from sim.offline.predictions import OFFLINE_BATCH
        from sim.offline.score import score_policy

        path = arguments["dataset"] or ensure_held_out(arguments["scenario"])
        policy = MonitoredPolicy(self._policy(arguments["policy"], OFFLINE_BATCH), self._watch)
        score = score_policy(policy, open_dataset(Path(path)))
        dataset = arguments["dataset"] or HELD_OUT
        return {
            "entry": to_json(
                replace(score, policy=arguments["policy"], scenario=arguments["scenario"], dataset=dataset)
            )
        }


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
        score = score_episode(self._traces.traces[slot], world, outcome)
        self.rows[slot] = new_row(self._block.cell, episode, outcome, score, self._digests.digests[slot])
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
        if row.episode in wanted:
            from sim.drawing.film import write_film  # its encoder is slow to import

            name = video_path(row)
            perturbation = "" if block.cell.perturbation == UNPERTURBED else f" · {block.cell.perturbation}"
            title = f"{block.cell.policy} · {block.cell.scenario}{perturbation} · episode {row.episode}"
            simulation, trace = lockstep.simulations[slot], traces.traces[slot]
            write_film(simulation, trace, world, outcome, out / name, title=title, renderer=lockstep.renderer)
            rows[slot] = replace(row, video=name)
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
