"""A policy from one ONNX file, driven by ONNX Runtime; torch is not needed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from policies.inference.runtime import DEFAULT, Runtime
from policies.modules.layers.action_chunking import ChunkPlayer
from policies.onnx.io_spec import ACTIONS, NEXT_STATE, PIXELS, STATE
from policies.onnx.metadata import Card, from_metadata
from policies.onnx.session import described, start
from policies.onnx.split import Parts, part
from policies.onnx.tokenization import Words
from policies.onnx.validation import not_a_policy, read_model
from policies.policy import Batch, PolicySpec
from scenarios.common.errors import InputError


class OnnxPolicy:
    """Drives with a file that ``policies.export`` wrote. Slots are computed one by one, so none depends on another.

    What depends on the instruction alone is computed at reset and kept. Made by ``load``.
    """

    def __init__(self, card: Card, parts: Parts, name: str, weights_sha256: str) -> None:
        self.weights_sha256 = weights_sha256
        self.spec = PolicySpec(
            name=name,
            image_size=card.image_size,
            period_s=card.period_s,
            hold_action=card.hold_action,
            history=card.history,
            chunk=card.chunk,
            parameters=card.parameters,
        )
        self._words = Words(card)
        self._parts = parts
        self._start_sessions(DEFAULT.provider)
        shapes = {value.name: tuple(value.shape) for value in self._frame.get_inputs()}
        if shapes.get(PIXELS) != (1, *card.image_size, 3) or STATE not in shapes:
            raise ValueError(f"its answer must depend on a state and on frames of {card.image_size} pixels")
        self._given = set(shapes)
        answers = {value.name: tuple(value.shape) for value in self._frame.get_outputs()}
        self._answer = answers[ACTIONS]  # (1, chunk, axes)
        self._beginning = np.zeros(shapes[STATE], np.float32)
        self._fixed: dict[int, dict[str, np.ndarray]] = {}  # by slot: what is constant in its episode
        self._state: dict[int, np.ndarray] = {}
        self._blending = card.blending
        self._players: dict[int, ChunkPlayer] = {}

    @classmethod
    def load(cls, file: Path, name: str) -> OnnxPolicy:
        """From a file.

        Raises:
            InputError: it is none that ``policies.export`` could have written, or ONNX Runtime can't run it.
        """
        model = read_model(file)
        try:
            card = from_metadata({entry.key: entry.value for entry in model.metadata_props})
            return cls(card, part(model), name, hashlib.sha256(model.SerializeToString()).hexdigest())
        except InputError:
            raise
        except ValueError as error:
            raise not_a_policy(file, error) from error

    def run_by(self, runtime: Runtime) -> None:
        """Compute by another execution provider; InputError if it can't be."""
        if runtime.compile != DEFAULT.compile:
            raise InputError(
                f"policy '{self.spec.name}' is an ONNX file, which is compiled already: leave out "
                f"--compile {runtime.compile}"
            )
        self._start_sessions(runtime.provider)

    def _start_sessions(self, provider: str) -> None:
        episode = self._parts.episode
        self._episode = None if episode is None else start(episode, provider)
        self._frame = start(self._parts.frame, provider)
        self.spec = replace(self.spec, runtime=described(self._frame))

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for slot, instruction in zip(slots, instructions, strict=True):
            ids = self._words.encode(instruction)
            fixed = {name: value for name, value in ids.items() if name in self._given}
            if self._episode is not None:
                fixed.update(zip(self._parts.kept, self._episode.run(self._parts.kept, ids), strict=True))
            self._fixed[slot], self._state[slot] = fixed, self._beginning
            if self._blending is not None:
                self._players[slot] = ChunkPlayer(1, *self._answer[1:], ensemble=self._blending)

    def act(self, batch: Batch) -> np.ndarray:
        if batch.pixels is None:
            raise ValueError(f"policy '{self.spec.name}' looks at frames: a batch for it needs 'pixels'")
        answers = np.tile(np.array(self.spec.hold_action, np.float32), (len(batch.live), 1))
        for slot in np.flatnonzero(batch.live).tolist():
            pixels = np.ascontiguousarray(batch.pixels[slot : slot + 1])
            inputs = {PIXELS: pixels, STATE: self._state[slot], **self._fixed[slot]}
            chunks, self._state[slot] = self._frame.run((ACTIONS, NEXT_STATE), inputs)
            action = chunks[0, 0] if self._blending is None else self._players[slot].play(chunks)[0]
            answers[slot, : len(action)] = action  # one of two axes never turns
        return answers
