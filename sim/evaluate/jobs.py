"""What a worker does with a unit: check a policy, drive a block, make or score held-out demonstrations."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from envs.simulation.lockstep import Lockstep
from policies.dataset.episodes import open_dataset
from policies.policy import (
    DEFAULT_RUNTIME,
    InferenceRuntime,
    ObservationBatch,
    Policy,
    PolicySpec,
    PolicyWithWeights,
)
from policies.registry import make_policy
from scenarios.lookup import get_scenario
from sim.evaluate.block import drive_block, film_block
from sim.results.codec import to_json
from sim.results.offline_score import HELD_OUT
from sim.results.plan import BLOCK_EPISODES, Block, Cell
from sim.rollout.latency import measure_latency
from sim.rollout.policy_calls import make_observation
from sim.rollout.schedule import hold_steps
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
            be computed as usual, ``runtime``: the fields of a ``policies.policy.InferenceRuntime``.
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
        step = lockstep.reset([world])
        seen = make_observation(policy.spec, step, lockstep.worlds, np.ones(len(lockstep.worlds), bool))
        return {"latency_s": measure_latency(policy, select_first_slot(seen), world.instruction)}

    def _block(self, arguments: JsonObject, part: Callable[[JsonObject], None]) -> JsonObject:
        block = Block(**{**arguments["block"], "cell": Cell(**arguments["block"]["cell"])})
        policy = MonitoredPolicy(self._policy(block.cell.policy, BLOCK_EPISODES), self._watch)
        lockstep, latency_s = self._simulations(), arguments["latency_s"]
        driven = drive_block(lockstep, policy, block, lambda row: part(to_json(row)), latency_s)
        return {"filmed": film_block(lockstep, driven, Path(arguments["out"]), self._settings["video"])}

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


def hash_weights(policy: Policy) -> str | None:
    """Return the sha256 of a policy's weights as it states it, or None for a policy without weights."""
    return policy.weights_sha256 if isinstance(policy, PolicyWithWeights) else None
