"""A policy from a described ONNX file of others."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from tokenizers import Tokenizer

from policies.formats.observation_format import to_policy_layout
from policies.onnx.foreign.binding import ModelTensors
from policies.onnx.foreign.description import InstructionInput, OnnxDescription
from policies.onnx.foreign.tensors import read_tensors
from policies.onnx.session import check_runtime, create_session, describe_session
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, ObservationBatch, check_frames


class ForeignOnnxPolicy:
    """Policy that runs an ONNX file as its description says. Slots are computed one by one, so none depends on another.

    Raises:
        InputError: The runtime isn't available.
        ValueError: ONNX Runtime can't run the model, or its tokenizer can't be read.
    """

    def __init__(self, description: OnnxDescription, model: onnx.ModelProto, weights_sha256: str) -> None:
        self.weights_sha256 = weights_sha256
        self.spec = description.spec
        self._bindings, self._model = description.bindings, model
        self._tensors = ModelTensors(read_tensors(model.graph.input), read_tensors(model.graph.output))
        words = self._bindings.instruction
        self._words = None if words is None else _InstructionEncoder(words)
        self._constant: dict[int, dict[str, np.ndarray]] = {}  # by slot: inputs that stay the same during its episode
        self._state: dict[int, dict[str, np.ndarray]] = {}  # by slot: recurrent inputs
        self._start_session(DEFAULT_RUNTIME.provider)

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        check_runtime(self.spec.name, runtime)
        self._start_session(runtime.provider)

    def _start_session(self, provider: str) -> None:
        self._session = create_session(self._model, provider)
        self.spec = replace(self.spec, runtime=describe_session(self._session))

    def share(self) -> ForeignOnnxPolicy:
        """Return a policy with the same session and no episodes."""
        twin = copy.copy(self)
        twin._constant, twin._state = {}, {}
        return twin

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for slot, instruction in zip(slots, instructions, strict=True):
            words = {} if self._words is None else self._words.encode(instruction)
            self._constant[slot] = {name: value.astype(self._dtype(name)) for name, value in words.items()}
            pairs = self._bindings.recurrent
            self._state[slot] = {
                name: np.zeros(self._tensors.inputs[name].sizes, self._dtype(name)) for name, _ in pairs
            }

    def act(self, batch: ObservationBatch) -> np.ndarray:
        pairs = self._bindings.recurrent
        wanted = [self._bindings.action, *(output for _, output in pairs)]
        made: dict[int, np.ndarray] = {}
        for slot in np.flatnonzero(batch.live).tolist():
            inputs = {**self._constant[slot], **self._state[slot], **self._observe(batch, slot)}
            made[slot], *states = self._session.run(wanted, inputs)
            self._state[slot] = {name: state for (name, _), state in zip(pairs, states, strict=True)}
        shape = next(iter(made.values())).shape[1:] if made else (len(self.spec.action.columns),)
        actions = np.zeros((len(batch.live), *shape), np.float32)
        for slot, action in made.items():
            actions[slot] = action[0]
        return actions

    def _observe(self, batch: ObservationBatch, slot: int) -> dict[str, np.ndarray]:
        """Return the inputs of one slot's observation."""
        found: dict[str, np.ndarray] = {}
        if (image := self._bindings.image) is not None:
            pixels = to_policy_layout(self.spec.observation, check_frames(batch, self.spec)[slot])
            found[image] = np.ascontiguousarray(pixels[None], self._dtype(image))
        if (state := self._bindings.state) is not None:
            found[state] = np.ascontiguousarray(batch.agent_pos[slot : slot + 1], self._dtype(state))
        return found

    def _dtype(self, name: str) -> np.dtype[Any]:
        return np.dtype(self._tensors.inputs[name].dtype)


class _InstructionEncoder:
    """The tokenizer of a description."""

    def __init__(self, words: InstructionInput) -> None:
        self._words = words
        try:
            self._tokenizer = Tokenizer.from_file(str(words.tokenizer))
        except Exception as error:  # the library raises Exception itself
            raise ValueError(f"the tokenizer {words.tokenizer} can't be read: {error}") from error

    def encode(self, instruction: str) -> dict[str, np.ndarray]:
        """Encode an instruction: the ids (1, length), and 1 for each before the padding."""
        words = self._words
        ids = self._tokenizer.encode(instruction).ids[: words.length]
        row = np.full((1, words.length), words.pad)
        row[0, : len(ids)] = ids
        found = {words.ids: row}
        if words.mask is not None:
            found[words.mask] = (np.arange(words.length) < len(ids))[None]
        return found
