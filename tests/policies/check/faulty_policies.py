"""A small policy that keeps the contract, and one for each way to break it."""

from __future__ import annotations

import os
import random
import signal
import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from policies.formats.action_format import ActionFormat
from policies.policy import PolicySpec

SPEC = PolicySpec("sound", (32, 48), 0.1, (0.0, 0.0, 0.0))
FILLED_AFTER = 100  # calls: during the check of memory


class Sound:
    """Steers by the picture, the odometry and the length of the instruction; remembers its last action per slot."""

    spec = SPEC

    def __init__(self) -> None:
        self.memory = np.zeros((0, 3), np.float32)
        self.words = np.zeros(0, np.float32)

    def reset(self, slots, instructions):
        missing = max(slots) + 1 - len(self.memory)
        if missing > 0:
            self.memory = np.concatenate([self.memory, np.zeros((missing, 3), np.float32)])
            self.words = np.concatenate([self.words, np.zeros(missing, np.float32)])
        self.memory[list(slots)] = 0.0
        self.words[list(slots)] = [len(text) / 100.0 for text in instructions]

    def see(self, batch) -> np.ndarray:
        return batch.pixels.reshape(len(batch.live), -1, 3).mean(axis=1, dtype=np.float64).astype(np.float32) / 255.0

    def act(self, batch):
        aim = self.see(batch) + 0.1 * batch.agent_pos[:, :3]
        aim[:, 2] = self.words
        self.memory = 0.5 * self.memory + 0.5 * np.clip(aim, -1.0, 1.0).astype(np.float32)
        return self.memory.copy()


class LeaksBetweenSlots(Sound):
    def see(self, batch):
        return np.broadcast_to(super().see(batch).mean(axis=0), (len(batch.live), 3)).copy()


class LeaksToTheNextSlot(Sound):
    def see(self, batch):
        return np.roll(super().see(batch), 1, axis=0)


class LeaksBetweenEpisodes(Sound):
    def reset(self, slots, instructions):
        kept = self.memory.copy()
        super().reset(slots, instructions)
        self.memory[: len(kept)] = kept


class CountsStepsForEver(Sound):
    steps = 0

    def act(self, batch):
        self.steps += 1
        return super().act(batch) * np.float32(0.99**self.steps)


class DependsOnBatchSize(Sound):
    def act(self, batch):
        return super().act(batch) / np.float32(len(batch.live))


class DependsOnPlace(Sound):
    def act(self, batch):
        return super().act(batch) + 0.01 * np.arange(len(batch.live), dtype=np.float32)[:, None]


class IsRandom(Sound):
    def __init__(self):
        super().__init__()
        self.rng = np.random.default_rng()

    def act(self, batch):
        return super().act(batch) + self.rng.normal(0.0, 0.01, (len(batch.live), 3)).astype(np.float32)


class ChangesFrames(Sound):
    def act(self, batch):
        answer = super().act(batch)
        np.subtract(255, batch.pixels, out=batch.pixels)
        return answer


class ChangesState(Sound):
    def act(self, batch):
        batch.agent_pos[:, 3:] = 0.0
        return super().act(batch)


class ReturnsWholeNumbers(Sound):
    def act(self, batch):
        return np.rint(super().act(batch)).astype(int)


class ReturnsText(Sound):
    def act(self, batch):
        return super().act(batch).astype(str)


class ReturnsDoubles(Sound):
    def act(self, batch):
        return super().act(batch).astype(np.float64)


class ReturnsTwoColumns(Sound):
    def act(self, batch):
        return super().act(batch)[:, :2]


class ReturnsOneRow(Sound):
    def act(self, batch):
        return super().act(batch)[0]


class ReturnsMetresPerSecond(Sound):
    def act(self, batch):
        return super().act(batch) + np.array([0.9, 0.0, 0.0], np.float32)


class IsTiny(Sound):
    def act(self, batch):
        return 0.1 * super().act(batch)


class HardlyMoves(Sound):
    def act(self, batch):
        return np.float32(0.02) * super().act(batch)


class IsSaturated(Sound):
    def act(self, batch):
        return np.sign(super().act(batch) - 0.2) + (super().act(batch) == 0.2)


class IsNanAtOnce(Sound):
    def act(self, batch):
        return super().act(batch) * np.float32(np.nan)


class IsNanLater(Sound):
    def act(self, batch):
        answer = super().act(batch)
        answer[batch.agent_pos[:, 3] > 0.1] = np.inf
        return answer


class IsSlow(Sound):
    spec = replace(SPEC, period_s=0.1)

    def act(self, batch):
        time.sleep(0.11)
        return super().act(batch)


class Grows(Sound):
    def __init__(self):
        super().__init__()
        self.log: list[Any] = []

    def act(self, batch):
        self.log.append(batch.pixels.copy())
        return super().act(batch)


class GrowsEverySecondEpisode(Sound):
    def __init__(self):
        super().__init__()
        self.log: list[Any] = []
        self.episodes = 0

    def reset(self, slots, instructions):
        super().reset(slots, instructions)
        self.episodes += 1

    def act(self, batch):
        if self.episodes % 2:
            self.log.append(batch.pixels.copy())
        return super().act(batch)


class FillsACache(Sound):
    """Sound: what it keeps is bounded, though it takes some episodes until nothing is added."""

    def __init__(self):
        super().__init__()
        self.cache: list[Any] = []

    def act(self, batch):
        if len(self.cache) < FILLED_AFTER:
            self.cache.append(batch.pixels.copy())
        return super().act(batch)


class SeedsNumpy(Sound):
    def reset(self, slots, instructions):
        np.random.seed(0)  # noqa: NPY002
        super().reset(slots, instructions)


class SeedsRandom(Sound):
    def reset(self, slots, instructions):
        random.seed(0)
        super().reset(slots, instructions)


class SeedsTorch(Sound):
    def reset(self, slots, instructions):
        import torch

        torch.manual_seed(0)
        super().reset(slots, instructions)


class ChangesFolder(Sound):
    def reset(self, slots, instructions):
        os.chdir("/")
        super().reset(slots, instructions)


class ChangesEnvironment(Sound):
    def reset(self, slots, instructions):
        os.environ["FAULTY_POLICY"] = "1"
        super().reset(slots, instructions)


class SilencesWarnings(Sound):
    def act(self, batch):
        warnings.simplefilter("ignore")
        return super().act(batch)


class HandlesSignals(Sound):
    def act(self, batch):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        return super().act(batch)


class ChangesTorch(Sound):
    def act(self, batch):
        import torch

        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        return super().act(batch)


class ReturnsLiveRowsOnly(Sound):
    def act(self, batch):
        return super().act(batch)[batch.live]


class AveragesOverLive(Sound):
    def see(self, batch):
        return super().see(batch) * np.float32(batch.live.mean())


class ClearsAllSlots(Sound):
    def reset(self, slots, instructions):
        super().reset(slots, instructions)
        self.memory[:] = 0.0


class Raises(Sound):
    def act(self, batch):
        raise KeyError("no such camera")


class Exits(Sound):
    def reset(self, slots, instructions):
        raise SystemExit(0)


class RaisesInBatchOfOne(Sound):
    def act(self, batch):
        if len(batch.live) == 1:
            raise RuntimeError("a batch needs two slots")
        return super().act(batch)


class DeclaresOddPeriod(Sound):
    spec = replace(SPEC, period_s=0.25)


class DeclaresNoSize(Sound):
    spec = replace(SPEC, image_size=(0, 3))


class IgnoresPictures(Sound):
    def see(self, batch):
        return np.full((len(batch.live), 3), 0.4, np.float32)


class IgnoresInstructions(Sound):
    def reset(self, slots, instructions):
        super().reset(slots, ["drive on"] * len(slots))


class ReusesItsAnswer(Sound):
    answer: np.ndarray | None = None

    def act(self, batch):
        made = super().act(batch)
        if self.answer is None or len(self.answer) != len(made):
            self.answer = made
        self.answer[:] = made
        return self.answer


class ReturnsOtherChunks(Sound):
    spec = replace(SPEC, chunk=4)

    def act(self, batch):
        return np.repeat(super().act(batch)[:, None], 2, axis=1)


class DrivesUnicycle(Sound):
    """Sound, with two columns in m/s and rad/s, and three frames of history."""

    spec = replace(
        SPEC,
        action=ActionFormat(columns=("vx", "wz"), unit="si"),
        observation=replace(SPEC.observation, frames=3, colours="bgr"),
    )

    def see(self, batch):
        pixels = batch.pixels.reshape(len(batch.live), 3, -1, 3)
        return pixels.mean(axis=(1, 2), dtype=np.float64).astype(np.float32) / 255.0

    def act(self, batch):
        return super().act(batch)[:, [0, 2]]


FAULTS: dict[type[Sound], str] = {
    LeaksBetweenSlots: "slots",
    LeaksToTheNextSlot: "slots",
    LeaksBetweenEpisodes: "episodes",
    CountsStepsForEver: "episodes",
    DependsOnBatchSize: "batch size",
    DependsOnPlace: "place",
    IsRandom: "repeats",
    ChangesFrames: "inputs",
    ChangesState: "inputs",
    ReturnsWholeNumbers: "number type",
    ReturnsText: "number type",
    ReturnsTwoColumns: "shape",
    ReturnsOneRow: "shape",
    ReturnsMetresPerSecond: "range",
    IsTiny: "range",
    IsSaturated: "range",
    IsNanAtOnce: "finite",
    IsNanLater: "finite",
    IsSlow: "speed",
    Grows: "memory",
    GrowsEverySecondEpisode: "memory",
    SeedsNumpy: "random state",
    SeedsRandom: "random state",
    SeedsTorch: "random state",
    ChangesFolder: "global state",
    ChangesEnvironment: "global state",
    SilencesWarnings: "global state",
    HandlesSignals: "global state",
    ChangesTorch: "global state",
    ReturnsLiveRowsOnly: "live",
    AveragesOverLive: "live",
    ClearsAllSlots: "partial reset",
    Raises: "runs",
    Exits: "runs",
    RaisesInBatchOfOne: "batch size",
    DeclaresOddPeriod: "spec",
    DeclaresNoSize: "spec",
}
"""The one fault of each policy, by the name of the check that must find it."""

NOTES: dict[type[Sound], str] = {
    HardlyMoves: "range",
    ReturnsDoubles: "number type",
    IgnoresPictures: "uses pictures",
    IgnoresInstructions: "uses instruction",
    ReusesItsAnswer: "kept answers",
    ReturnsOtherChunks: "shape",
}
"""What is no fault, but worth knowing."""
