"""Parts of data sets as messages between the process that parses them and the one that uses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from policies.dataset.demonstration import (
    DatasetNote,
    DemonstrationSignals,
    EpisodeInfo,
    FrameCaption,
    SceneRef,
    SeenObject,
)
from policies.dataset.mapping.mapping import Column, DatasetMapping, Instruction, Units, VectorMapping
from policies.host.parsers.texts import decode_text, encode_text


def encode_scene(scene: SceneRef | None) -> dict[str, Any] | None:
    """Encode the reference to a world; its numbers are of any size."""
    if scene is None:
        return None
    return {**asdict(scene), "scenario": encode_text(scene.scenario), "suite_seed": str(scene.suite_seed)}


def decode_scene(message: Mapping[str, Any] | None) -> SceneRef | None:
    """Decode the reference to a world."""
    if message is None:
        return None
    return SceneRef(decode_text(message["scenario"]), int(message["suite_seed"]), message["episode"])


def encode_info(info: EpisodeInfo) -> dict[str, Any]:
    """Encode the description of an episode."""
    return {**vars(info), "scene": encode_scene(info.scene)}


def decode_info(message: Mapping[str, Any]) -> EpisodeInfo:
    """Decode the description of an episode."""
    return EpisodeInfo(**{**message, "scene": decode_scene(message["scene"])})


def encode_signals(signals: DemonstrationSignals) -> dict[str, Any]:
    """Encode an episode without its frames."""
    values = {field.name: getattr(signals, field.name) for field in fields(DemonstrationSignals)}
    captions = [asdict(caption) for caption in signals.captions]
    return {**values, "scene": encode_scene(signals.scene), "captions": captions}


def decode_signals(message: Mapping[str, Any]) -> DemonstrationSignals:
    """Decode an episode without its frames; its arrays can be written to."""
    arrays = {name: value.copy() for name, value in message.items() if isinstance(value, np.ndarray)}
    captions = tuple(FrameCaption(each["frame"], _decode_objects(each["objects"])) for each in message["captions"])
    return DemonstrationSignals(
        **{**message, **arrays, "scene": decode_scene(message["scene"]), "captions": captions},
    )


def _decode_objects(messages: list[dict[str, Any]]) -> tuple[SeenObject, ...]:
    return tuple(SeenObject(each["phrase"], tuple(each["box"])) for each in messages)


def encode_mapping(mapping: DatasetMapping) -> dict[str, Any]:
    """Encode how a data set is read."""
    return asdict(mapping)


def decode_mapping(message: Mapping[str, Any]) -> DatasetMapping:
    """Decode how a data set is read."""
    state = message["state"]
    return DatasetMapping(
        **{
            **message,
            "actions": _decode_vector(message["actions"]),
            "state": state if isinstance(state, str) else _decode_vector(state),
            "instruction": Instruction(**message["instruction"]),
        }
    )


def _decode_vector(message: Mapping[str, Any]) -> VectorMapping:
    columns = {axis: Column(*column) for axis, column in message["columns"].items()}
    units = None if message["units"] is None else Units(*message["units"])
    return VectorMapping(**{**message, "columns": columns, "units": units})


def encode_notes(notes: tuple[DatasetNote, ...]) -> list[dict[str, str]]:
    """Encode what one should know beside figures of a set."""
    return [asdict(note) for note in notes]


def decode_notes(messages: list[dict[str, str]]) -> tuple[DatasetNote, ...]:
    """Decode what one should know beside figures of a set."""
    return tuple(DatasetNote(**each) for each in messages)
