from __future__ import annotations

import json
from dataclasses import replace

import onnx
import pytest

from policies.backbones.text.prompt_layout import PromptLayout
from policies.onnx.metadata import METADATA_KEY, PolicyMetadata, decode_metadata, encode_metadata
from policies.policy import PolicySpec
from policies.registry import CHECKPOINTS

SPEC = PolicySpec("mine", (224, 224), 0.3, (0.0, 0.1, 0.0), history=8, chunk=10, plays_chunk=True, parameters=5)
METADATA = PolicyMetadata("system", SPEC, 0.01, PromptLayout(24, (0, 3, 1), (0, 4, 5, 6, 9, 1)), '{"a":1}', '{"b":2}')


@pytest.mark.parametrize("metadata", [METADATA, replace(METADATA, temporal_ensembling=None, clip_tokenizer=None)])
def test_what_was_encoded_is_decoded(metadata: PolicyMetadata) -> None:
    assert decode_metadata(encode_metadata(metadata), "mine") == metadata


def test_only_what_a_file_can_know_of_the_spec_is_kept() -> None:
    loaded = replace(METADATA, spec=replace(SPEC, name="other", runtime="torch"))
    assert decode_metadata(encode_metadata(loaded), "mine") == METADATA


def test_the_shipped_file_says_the_same_again_to_the_letter() -> None:
    model = onnx.load(CHECKPOINTS / "hybrid-onnx" / "hybrid.onnx")
    entries = {entry.key: entry.value for entry in model.metadata_props}
    assert encode_metadata(decode_metadata(entries, "hybrid-onnx")) == entries


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema": 2}, "'schema' must be 1"),
        ({"chunk": None}, "TypeError"),
        ({"image_size": [224]}, "must be 2 numbers"),
        ({"colour": "red"}, "unknown entry 'colour'"),
    ],
)
def test_other_facts_are_refused(changes, reason) -> None:
    entries = encode_metadata(METADATA)
    entries[METADATA_KEY] = json.dumps({**json.loads(entries[METADATA_KEY]), **changes})
    with pytest.raises(ValueError, match=reason):
        decode_metadata(entries, "mine")


def test_a_fact_that_is_missing_is_refused() -> None:
    entries = encode_metadata(METADATA)
    facts = json.loads(entries[METADATA_KEY])
    del facts["period_s"]
    with pytest.raises(ValueError, match="period_s"):
        decode_metadata({**entries, METADATA_KEY: json.dumps(facts)}, "mine")
