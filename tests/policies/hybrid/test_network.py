from __future__ import annotations

import json

import numpy as np
import torch

from policies.hybrid.network import Hybrid

PROMPT = ["drive down the corridor to the red ball"]


def test_the_compact_hybrid_fits_its_file_budgets(hybrid, tmp_path) -> None:
    hybrid.save_pretrained(tmp_path)
    assert hybrid.parameter_count <= 3.0e6  # so that one ONNX file with int8 weights fits into 3.30 MB
    assert (tmp_path / "model.safetensors").stat().st_size <= 4e6


def test_a_saved_hybrid_comes_back_within_half_precision(hybrid, tmp_path) -> None:
    hybrid.save_pretrained(tmp_path)
    again = Hybrid.from_pretrained(tmp_path)
    pixels = torch.randint(0, 256, (2, 224, 224, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    prompt = hybrid.prompts.encode(PROMPT * 2)
    with torch.inference_mode():
        before = hybrid(pixels, *prompt, hybrid.initial_state(2)).actions
        after = again(pixels, *again.prompts.encode(PROMPT * 2), again.initial_state(2)).actions
    assert torch.allclose(before, after, atol=5e-3)
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "hybrid"


def test_saving_what_was_loaded_changes_no_bit(hybrid, tmp_path) -> None:
    hybrid.save_pretrained(tmp_path / "a")
    Hybrid.from_pretrained(tmp_path / "a").save_pretrained(tmp_path / "b")
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_every_weight_learns(hybrid) -> None:
    prompt = hybrid.prompts.encode(PROMPT)
    pixels = torch.randint(0, 256, (1, 224, 224, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    first = hybrid(pixels, *prompt, hybrid.initial_state(1))
    hybrid(pixels.flip(1), *prompt, first.state).actions.sum().backward()
    idle = [name for name, weight in hybrid.named_parameters() if weight.grad is None]
    hybrid.zero_grad()
    assert idle == []


def test_frames_in_sequence_equal_frames_one_by_one(hybrid) -> None:
    width = hybrid.project[0].normalized_shape[0]
    fused = torch.randn(2, 5, width, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        whole = hybrid.head(fused, hybrid.initial_state(2))
        state, rows = hybrid.initial_state(2), []
        for k in range(5):
            step = hybrid.head(fused[:, k : k + 1], state)
            state = step.state
            rows.append(step.actions)
    assert torch.allclose(whole.actions, torch.cat(rows, dim=1), atol=1e-6)
    assert torch.allclose(whole.state, state, atol=1e-6)


def test_padding_of_the_prompt_changes_no_answer(hybrid) -> None:
    prompt = hybrid.prompts.encode(PROMPT)
    planes = torch.rand(1, 3, 112, 112, generator=torch.Generator().manual_seed(0)) * 255
    short = int(prompt.lengths[0])
    with torch.inference_mode():
        text = hybrid.text(prompt.clip)
        long = hybrid.fuse(planes, text, prompt.kosmos2, prompt.lengths)
        tight = hybrid.fuse(planes, text, prompt.kosmos2[:, :short], prompt.lengths)
    assert np.allclose(long, tight, atol=1e-5)
