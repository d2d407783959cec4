"""Small recordings, policies and label sets that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from policies.dataset import Demonstration, SceneRef
from policies.dataset.demonstration import DemonstrationSignals, EpisodeInfo
from policies.dataset.mapping.mapping import STATE_AXES, Column, DatasetMapping, Instruction, VectorMapping
from policies.policy import PolicySpec
from scenarios.robot import AXIS_NAMES

STATE = VectorMapping("observation.state", {axis: Column(axis, place) for place, axis in enumerate(STATE_AXES)})
SCENE = SceneRef("corridor", 9000, 0)


def demonstration(actions, scene=SCENE, size=224, instruction="go", marks=0, noise_burst=None, clearance_m=None):
    """Make an episode of black frames; the first pixel's red is the frame's number, its green is ``marks``."""
    actions = np.asarray(actions, np.float32).reshape(-1, 3)
    pixels = np.zeros((len(actions), size, size, 3), np.uint8)
    pixels[:, 0, 0, 0] = np.arange(len(actions))
    pixels[:, 0, 0, 1] = marks
    agent_pos = np.zeros((len(actions), 6), np.float32)
    return Demonstration(
        scene,
        instruction,
        True,
        "expert",
        agent_pos,
        actions,
        actions,
        pixels=pixels,
        noise_burst=None if noise_burst is None else np.array(noise_burst, bool),
        clearance_m=None if clearance_m is None else np.array(clearance_m, np.float32),
    )


class FakeSet:
    root = Path("fake")

    def __init__(self, *episodes, fps=10.0, axes=AXIS_NAMES, state=STATE, notes=()):
        self.episodes = episodes
        self.fps = fps
        self.notes = notes
        actions = VectorMapping("action", {axis: Column(axis, place) for place, axis in enumerate(axes)})
        self.mapping = DatasetMapping("front", "rgb", fps, actions, state, Instruction())

    def __len__(self):
        return len(self.episodes)

    def info(self, number):
        one = self.episodes[number]
        return EpisodeInfo(one.length, one.instruction, one.scene, one.success, one.source)

    def signals(self, number):
        values = dict(vars(self.episodes[number]))
        del values["pixels"]
        return DemonstrationSignals(**values)

    def frames(self, number, numbers=None):
        pixels = self.episodes[number].pixels
        return iter(pixels if numbers is None else pixels[list(numbers)])


class Scripted:
    """A policy whose actions are a function of the batch; it keeps all batches."""

    def __init__(self, action_of, period_s=0.1, image_size=(224, 224)):
        self.spec = PolicySpec("scripted", image_size, period_s, (0.0, 0.0, 0.0))
        self.action_of = action_of
        self.batches = []
        self.resets = []

    def reset(self, slots, instructions):
        self.resets.append(list(slots))

    def act(self, batch):
        self.batches.append(batch)
        return self.action_of(batch)


def constant(*action):
    return lambda batch: np.tile(np.float32(action), (len(batch.live), 1))


def published_labels():
    """72 x 18 labels with the published marginals: vx 0 in 23.2 % of frames, else 1; vy 0 in 53.6 %, mean 0.072 raw.

    Only the frequency of each value is published, so their order is sampled; every episode begins with zero.
    """
    rng = np.random.default_rng(0)
    later = 72 * 17
    vx = rng.permutation(np.repeat([0.0, 1.0], [301 - 72, later - (301 - 72)]))
    vy = rng.permutation(np.repeat([0.0, 1.0, -1.0], [695 - 72, 341, later - (695 - 72) - 341]))
    moving = np.stack([vx, vy, np.zeros(later)], axis=1).reshape(72, 17, 3)
    return [np.concatenate([np.zeros((1, 3)), episode]).astype(np.float32) for episode in moving]
