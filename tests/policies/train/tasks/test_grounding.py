from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from policies.backbones.compact import special_token_ids
from policies.backbones.kosmos2 import build_kosmos2
from policies.backbones.preprocessing import normalise_pixels
from policies.backbones.seeded_weights import seeded_initialisation
from policies.train.data.grounding_samples import PROMPT, GroundingSample
from policies.train.data.windows import Augmentation
from policies.train.tasks.grounding import IGNORED, GroundingPretraining, encode_samples
from policies.train.tasks.pretraining import PretrainOptions, stack_planes

from ..small_models import GRID, small_kosmos2_config

STILL = Augmentation(shift_px=0, brightness=0.0, contrast=0.0, channel=0.0, mirror=0.0)
OPTIONS = PretrainOptions(steps=1, batch=16, augmentation=STILL)
LONG = GroundingSample(f"{PROMPT}drive down the corridor to the red ball<object>", "</object>", ())
SHORT = GroundingSample(PROMPT, "<phrase> blue ball</phrase>")


@pytest.fixture
def task(tokenizer, data) -> GroundingPretraining:
    with seeded_initialisation(1):
        kosmos2 = build_kosmos2(small_kosmos2_config(**special_token_ids(tokenizer)))
    return GroundingPretraining(kosmos2, tokenizer, data.train, OPTIONS, torch.device("cpu"))


@pytest.fixture
def batch(task):
    (found,) = task.batches(np.random.default_rng(0))
    return found


def test_only_answers_are_labelled_behind_their_prompts(tokenizer) -> None:
    ids, labels, lengths = encode_samples(tokenizer, [LONG, SHORT])
    assert ids.shape == labels.shape
    for row, marked, length, sample in zip(ids, labels, lengths, (LONG, SHORT), strict=True):
        prompt = tokenizer(sample.prompt, add_special_tokens=False).input_ids
        answer = tokenizer(sample.answer, add_special_tokens=False).input_ids
        end = len(prompt) + len(answer)
        assert length == len(prompt)
        assert row[:end].tolist() == prompt + answer
        assert set(row[end:].tolist()) <= {tokenizer.pad_token_id}
        assert marked[len(prompt) : end].tolist() == answer
        assert set(torch.cat([marked[: len(prompt)], marked[end:]]).tolist()) == {IGNORED}


def test_every_picture_gets_one_task_on_the_towers_grid(task, batch) -> None:
    assert len(batch.pictures) == len(batch.samples) == task.frames(batch) == OPTIONS.batch
    cells = {f"<patch_index_{cell:04d}>" for cell in range(GRID * GRID)}
    located = [part for entry in batch.samples for part in entry.answer.split("<")[1:] if part.startswith("patch_")]
    assert located
    assert {f"<{part.split('>')[0]}>" for part in located} <= cells


def test_the_loss_trains_every_weight_of_kosmos2_and_its_heads(task, batch) -> None:
    task.loss(batch).backward()
    assert [name for name, weight in task.trained_module.named_parameters() if weight.grad is None] == []


def test_the_language_loss_is_that_of_transformers_own_forward_pass(task, batch, tokenizer, monkeypatch) -> None:
    for part in ("_naming_loss", "_pointing_loss", "_action_loss"):
        monkeypatch.setattr(task, part, lambda *_: torch.tensor(0.0))
    chosen = batch._replace(pictures=batch.pictures[:2], samples=[LONG, SHORT])
    other = chosen._replace(samples=[LONG._replace(answer="<phrase> blue ball</phrase>"), SHORT])
    with torch.no_grad():
        found, of_other = (task.loss(each).item() for each in (chosen, other))
    assert found == pytest.approx(_language_loss(task, tokenizer, chosen), rel=1e-2)
    assert of_other == pytest.approx(_language_loss(task, tokenizer, other), rel=1e-2)
    assert abs(of_other - found) > 0.05


def _language_loss(task, tokenizer, batch) -> float:
    """The loss with latents spliced in by transformers' mask, and labels moved by one place."""
    ids, labels, _ = encode_samples(tokenizer, batch.samples)
    latents = torch.full((len(ids), GRID * GRID), tokenizer.unk_token_id)
    unlabelled = torch.full_like(latents, IGNORED)
    mask = torch.zeros(len(ids), ids.shape[1] + latents.shape[1], dtype=torch.bool)
    mask[:, 2 : 2 + latents.shape[1]] = True
    with torch.no_grad():
        logits = task.backbone(
            pixel_values=normalise_pixels(stack_planes(batch.pictures)),
            input_ids=torch.cat([ids[:, :2], latents, ids[:, 2:]], dim=1),
            image_embeds_position_mask=mask,
        ).logits
    targets = torch.cat([labels[:, :2], unlabelled, labels[:, 2:]], dim=1)[:, 1:]
    return nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten(), ignore_index=IGNORED).item()
