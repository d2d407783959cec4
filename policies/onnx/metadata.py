"""The metadata of an ONNX policy: its spec, its prompt layout and its tokenizers."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from policies.backbones.text.prompt_layout import PromptLayout
from policies.policy import PolicySpec

SCHEMA = 1
METADATA_KEY, TOKENIZER, CLIP_TOKENIZER = "mobile_vla_policy", "tokenizer", "clip_tokenizer"
SPEC_FIELDS = ("image_size", "period_s", "hold_action", "history", "chunk", "parameters")
LARGEST_TOKENIZER = 64 * 2**20  # bytes of JSON; a full-size one has 4 MB


@dataclass(frozen=True)
class PolicyMetadata:
    """Everything besides the graph that driving needs."""

    kind: str
    """Kind of network, e.g. "hybrid"."""
    spec: PolicySpec
    """The policy's spec; the file contains ``SPEC_FIELDS`` of it, the rest is set on loading."""
    temporal_ensembling: float | None
    """Decay over the chunks; None if only their first actions are executed."""
    layout: PromptLayout
    """The layout of prompts."""
    kosmos2_tokenizer: str
    """Kosmos-2's tokenizer as JSON of the ``tokenizers`` library."""
    clip_tokenizer: str | None = None
    """CLIP's tokenizer; None if it is the same one."""


def encode_metadata(metadata: PolicyMetadata) -> dict[str, str]:
    """Encode a policy's metadata as the metadata of an ONNX model."""
    facts = {
        "schema": SCHEMA,
        "kind": metadata.kind,
        **{name: getattr(metadata.spec, name) for name in SPEC_FIELDS},
        "blending": metadata.temporal_ensembling,
        "layout": asdict(metadata.layout),
    }
    entries = {METADATA_KEY: json.dumps(facts, separators=(",", ":")), TOKENIZER: _pack(metadata.kosmos2_tokenizer)}
    if metadata.clip_tokenizer is not None:
        entries[CLIP_TOKENIZER] = _pack(metadata.clip_tokenizer)
    return entries


def decode_metadata(entries: Mapping[str, str], name: str) -> PolicyMetadata:
    """Decode a policy's metadata from the metadata of an ONNX model.

    Args:
        entries: The model's metadata.
        name: Name of the policy, for its spec.

    Raises:
        ValueError: There is no metadata, or it can't be read.
    """
    if METADATA_KEY not in entries:
        raise ValueError(f"it has no metadata '{METADATA_KEY}'")
    try:
        facts: dict[str, Any] = json.loads(entries[METADATA_KEY])
        if facts["schema"] != SCHEMA:
            raise ValueError(f"'schema' must be {SCHEMA}")
        if unknown := sorted(set(facts) - {"schema", "kind", *SPEC_FIELDS, "blending", "layout"}):
            raise ValueError(f"unknown entry '{unknown[0]}'")
        blending, clip = facts["blending"], entries.get(CLIP_TOKENIZER)
        return PolicyMetadata(
            kind=str(facts["kind"]),
            spec=_decode_spec(facts, name),
            temporal_ensembling=None if blending is None else float(blending),
            layout=_decode_layout(facts["layout"]),
            kosmos2_tokenizer=_unpack(entries[TOKENIZER]),
            clip_tokenizer=None if clip is None else _unpack(clip),
        )
    except (KeyError, TypeError, AttributeError, ValueError, zlib.error) as error:
        raise ValueError(f"its metadata '{METADATA_KEY}' can't be read: {type(error).__name__}: {error}") from error


def _decode_spec(facts: Mapping[str, Any], name: str) -> PolicySpec:
    return PolicySpec(
        name=name,
        image_size=_numbers(int, facts["image_size"], 2),
        period_s=float(facts["period_s"]),
        hold_action=_numbers(float, facts["hold_action"], 3),
        history=int(facts["history"]),
        chunk=int(facts["chunk"]),
        plays_chunk=int(facts["chunk"]) > 1,
        parameters=int(facts["parameters"]),
    )


def _decode_layout(layout: Mapping[str, Any]) -> PromptLayout:
    return PromptLayout(int(layout["length"]), _numbers(int, layout["clip"], 3), _numbers(int, layout["kosmos2"], 6))


def _numbers(kind: type[Any], values: Any, count: int) -> Any:
    if not isinstance(values, list) or len(values) != count:
        raise ValueError(f"{values!r} must be {count} numbers")
    return tuple(kind(value) for value in values)


def _pack(text: str) -> str:
    compact = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
    return base64.b85encode(zlib.compress(compact.encode(), 9)).decode()


def _unpack(packed: str) -> str:
    inflate = zlib.decompressobj()
    data = inflate.decompress(base64.b85decode(packed), LARGEST_TOKENIZER)
    if inflate.unconsumed_tail:
        raise ValueError(f"the tokenizer has more than {LARGEST_TOKENIZER} bytes")
    return data.decode()
