"""What a file says about itself: the policy's spec, its prompt layout and its tokenizers, as metadata."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from policies.backbones.text.prompt_layout import PromptLayout

SCHEMA = 1
METADATA_KEY, TOKENIZER, CLIP_TOKENIZER = "mobile_vla_policy", "tokenizer", "clip_tokenizer"
LARGEST_TOKENIZER = 64 * 2**20  # bytes of JSON; a full-size one has 4 MB


@dataclass(frozen=True)
class PolicyMetadata:
    """All that driving needs to know besides the graph.

    Attributes:
        kind: Of what network the file was made, e.g. "hybrid".
        image_size: (height, width) of its frames, in pixels.
        period_s, hold_action, history, chunk, parameters: As in ``policies.policy.PolicySpec``.
        blending: Temporal ensembling's decay over the chunks; None if only their first actions count.
        layout: How prompts are laid out.
        kosmos2_tokenizer: JSON of the ``tokenizers`` library.
        clip_tokenizer: The same for CLIP's words; None if it is the same one.
    """

    kind: str
    image_size: tuple[int, int]
    period_s: float
    hold_action: tuple[float, float, float]
    history: int
    chunk: int
    parameters: int
    blending: float | None
    layout: PromptLayout
    kosmos2_tokenizer: str
    clip_tokenizer: str | None = None


def encode_metadata(card: PolicyMetadata) -> dict[str, str]:
    """A card as an ONNX model's metadata."""
    facts = {"schema": SCHEMA, **asdict(card)}
    metadata = {TOKENIZER: _pack(facts.pop("kosmos2_tokenizer"))}
    if (clip := facts.pop("clip_tokenizer")) is not None:
        metadata[CLIP_TOKENIZER] = _pack(clip)
    return {METADATA_KEY: json.dumps(facts, separators=(",", ":")), **metadata}


def decode_metadata(metadata: Mapping[str, str]) -> PolicyMetadata:
    """The card that a model's metadata holds.

    Raises:
        ValueError: there is none, or it can't be read.
    """
    if METADATA_KEY not in metadata:
        raise ValueError(f"it has no metadata '{METADATA_KEY}'")
    try:
        facts: dict[str, Any] = json.loads(metadata[METADATA_KEY])
        if facts.pop("schema") != SCHEMA:
            raise ValueError(f"'schema' must be {SCHEMA}")
        layout, blending = facts.pop("layout"), facts.pop("blending")
        clip = metadata.get(CLIP_TOKENIZER)
        return PolicyMetadata(
            kind=str(facts.pop("kind")),
            image_size=_numbers(int, facts.pop("image_size"), 2),
            period_s=float(facts.pop("period_s")),
            hold_action=_numbers(float, facts.pop("hold_action"), 3),
            blending=None if blending is None else float(blending),
            layout=PromptLayout(
                int(layout["length"]), _numbers(int, layout["clip"], 3), _numbers(int, layout["kosmos2"], 6)
            ),
            kosmos2_tokenizer=_unpack(metadata[TOKENIZER]),
            clip_tokenizer=None if clip is None else _unpack(clip),
            **{name: int(value) for name, value in facts.items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError, zlib.error) as error:
        raise ValueError(f"its metadata '{METADATA_KEY}' can't be read: {type(error).__name__}: {error}") from error


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
        raise ValueError(f"a tokenizer of more than {LARGEST_TOKENIZER} bytes")
    return data.decode()
