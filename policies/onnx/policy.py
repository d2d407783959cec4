"""A policy from one ONNX file, run by ONNX Runtime without torch."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx

from policies.modules.layers.action_chunking import ActionChunkPlayer
from policies.onnx.io_spec import ACTIONS, NEXT_STATE, PIXELS, STATE
from policies.onnx.metadata import PolicyMetadata, decode_metadata
from policies.onnx.session import check_runtime, create_session, describe_session
from policies.onnx.split import SplitModel, split_by_instruction
from policies.onnx.tokenization import InstructionEncoder
from policies.onnx.validation import check_interface, invalid_policy_error, read_model
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, ObservationBatch, check_frames
from scenarios.common.errors import InputError


class OnnxPolicy:
    """Policy that runs a file of ``policies.export``. Slots are computed one by one, so none depends on another.

    Values that depend only on the instruction are computed at reset and cached. Use ``load`` to create one.
    """

    def __init__(self, metadata: PolicyMetadata, parts: SplitModel, weights_sha256: str) -> None:
        self.weights_sha256 = weights_sha256
        self.spec = metadata.spec
        self._encoder = InstructionEncoder(metadata)
        self._parts = parts
        self._start_sessions(DEFAULT_RUNTIME.provider)
        shapes = {value.name: tuple(value.shape) for value in self._frame.get_inputs()}
        size = self.spec.image_size or ()
        if shapes.get(PIXELS) != (1, *size, 3) or STATE not in shapes:
            raise ValueError(f"its actions must depend on a state and on frames of {size} pixels")
        self._input_names = set(shapes)
        outputs = {value.name: tuple(value.shape) for value in self._frame.get_outputs()}
        self._action_shape = outputs[ACTIONS]  # (1, chunk, axes)
        self._initial_state = np.zeros(shapes[STATE], np.float32)
        self._episode_inputs: dict[
            int, dict[str, np.ndarray]
        ] = {}  # by slot: values that are constant during its episode
        self._state: dict[int, np.ndarray] = {}
        self._temporal_ensembling = metadata.temporal_ensembling
        self._players: dict[int, ActionChunkPlayer] = {}

    @classmethod
    def load(cls, file: Path, name: str) -> OnnxPolicy:
        """Load a file.

        Raises:
            InputError: ``policies.export`` can't have written it, or ONNX Runtime can't run it.
        """
        return cls.from_model(read_model(file), file, name)

    @classmethod
    def from_model(cls, model: onnx.ModelProto, file: Path, name: str) -> OnnxPolicy:
        """Make the policy of a model that was read from a file and checked.

        Raises:
            InputError: ``policies.export`` can't have written it, or ONNX Runtime can't run it.
        """
        try:
            check_interface(model)
            metadata = decode_metadata({entry.key: entry.value for entry in model.metadata_props}, name)
            return cls(metadata, split_by_instruction(model), hashlib.sha256(model.SerializeToString()).hexdigest())
        except InputError:
            raise
        except ValueError as error:
            raise invalid_policy_error(file, error) from error

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        check_runtime(self.spec.name, runtime)
        self._start_sessions(runtime.provider)

    def _start_sessions(self, provider: str) -> None:
        episode = self._parts.episode
        self._episode = None if episode is None else create_session(episode, provider)
        self._frame = create_session(self._parts.frame, provider)
        self.spec = replace(self.spec, runtime=describe_session(self._frame))

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for slot, instruction in zip(slots, instructions, strict=True):
            ids = self._encoder.encode(instruction)
            fixed = {name: value for name, value in ids.items() if name in self._input_names}
            if self._episode is not None:
                fixed.update(
                    zip(self._parts.episode_outputs, self._episode.run(self._parts.episode_outputs, ids), strict=True)
                )
            self._episode_inputs[slot], self._state[slot] = fixed, self._initial_state
            if self._temporal_ensembling is not None:
                self._players[slot] = ActionChunkPlayer(1, *self._action_shape[1:], ensemble=self._temporal_ensembling)

    def share(self) -> OnnxPolicy:
        twin = copy.copy(self)
        twin._episode_inputs, twin._state, twin._players = {}, {}, {}
        return twin

    def act(self, batch: ObservationBatch) -> np.ndarray:
        frames = check_frames(batch, self.spec)
        actions = np.tile(np.array(self.spec.hold_action, np.float32), (len(batch.live), 1))
        for slot in np.flatnonzero(batch.live).tolist():
            pixels = np.ascontiguousarray(frames[slot : slot + 1])
            inputs = {PIXELS: pixels, STATE: self._state[slot], **self._episode_inputs[slot]}
            chunks, self._state[slot] = self._frame.run((ACTIONS, NEXT_STATE), inputs)
            action = (
                chunks[0, 0]
                if self._temporal_ensembling is None
                else self._players[slot].play(chunks, np.ones(1, bool))[0]
            )
            actions[slot, : len(action)] = action  # a policy of two axes never turns
        return actions
