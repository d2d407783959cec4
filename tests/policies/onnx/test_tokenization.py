from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.backbones.checkpoint import load_prompts
from policies.backbones.text.prompts import PromptEncoder
from policies.onnx.io_spec import CLIP_IDS, INPUTS, INSTRUCTION_INPUTS, KOSMOS2_IDS, LENGTHS
from policies.onnx.metadata import PolicyMetadata, decode_metadata
from policies.onnx.tokenization import InstructionEncoder

pytestmark = pytest.mark.slow  # needs an exported file

LENGTH = 24


@pytest.fixture(scope="module")
def metadata(file: Path) -> PolicyMetadata:
    return decode_metadata({entry.key: entry.value for entry in onnx.load(file).metadata_props}, "test")


@pytest.fixture(scope="module")
def prompts(checkpoint: Path) -> PromptEncoder:
    return load_prompts(checkpoint, LENGTH)


def _check_equal(metadata: PolicyMetadata, prompts: PromptEncoder, text: str) -> None:
    ids, prompt = InstructionEncoder(metadata).encode(text), prompts.encode([text])
    assert np.array_equal(ids[CLIP_IDS], prompt.clip)
    assert np.array_equal(ids[KOSMOS2_IDS], prompt.kosmos2)
    assert np.array_equal(ids[LENGTHS], prompt.lengths)


@pytest.mark.parametrize("text", ["", "go", "Fahre, bitte: zum roten Ball!", "left " * 40])
def test_words_become_the_ids_that_the_networks_own_prompts_are(metadata, prompts, text: str) -> None:
    _check_equal(metadata, prompts, text)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(st.sampled_from(["go", "to", "the", "red", "ball", "Zürich", "<object>", ",", "7"])).map(" ".join))
def test_any_words_become_the_ids_that_the_networks_own_prompts_are(metadata, prompts, text: str) -> None:
    _check_equal(metadata, prompts, text)


def test_ids_have_the_types_of_the_inputs_and_one_row(metadata) -> None:
    ids = InstructionEncoder(metadata).encode("go to the red ball")
    assert {name: array.dtype for name, array in ids.items()} == {name: INPUTS[name] for name in INSTRUCTION_INPUTS}
    assert {name: array.shape for name, array in ids.items()} == {
        CLIP_IDS: (1, LENGTH),
        KOSMOS2_IDS: (1, LENGTH),
        LENGTHS: (1,),
    }


def test_a_tokenizer_of_its_own_for_clip_is_used_for_clip_alone(metadata) -> None:
    renumbered = metadata.kosmos2_tokenizer.replace('"ball":', '"bell":')
    assert renumbered != metadata.kosmos2_tokenizer
    same = InstructionEncoder(metadata).encode("go to the ball")
    other = InstructionEncoder(replace(metadata, clip_tokenizer=renumbered)).encode("go to the ball")
    assert np.array_equal(other[KOSMOS2_IDS], same[KOSMOS2_IDS])
    assert (other[CLIP_IDS] != same[CLIP_IDS]).sum() == 1


@pytest.mark.parametrize("text", ["", "{}", '{"model": 3}'])
def test_a_damaged_tokenizer_is_an_error(metadata, text: str) -> None:
    with pytest.raises(ValueError, match="its tokenizer can't be read"):
        InstructionEncoder(replace(metadata, kosmos2_tokenizer=text))
