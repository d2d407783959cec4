from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from policies.backbones.clip import build_clip
from policies.backbones.compact import special_token_ids
from policies.backbones.seeded_weights import seeded_initialisation
from policies.train.tasks.contrastive import MAX_TOKENS, ContrastivePretraining, contrastive_loss, encode_captions
from policies.train.tasks.pretraining import PretrainOptions

from ..small_models import small_clip_config

SCALE = torch.tensor(10.0)
pairs = st.integers(2, 6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, 2**31 - 1)))


def _embeddings(n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    image, text = torch.from_numpy(np.random.default_rng(seed).normal(size=(2, n, 5))).float()
    return image, text


@given(pairs)
def test_for_different_captions_the_loss_is_that_of_clip(pair) -> None:
    image, text = _embeddings(*pair)
    cosines = nn.functional.cosine_similarity(image[:, None], text[None], dim=-1)  # (n, n)
    own = torch.arange(len(image))
    expected = [nn.functional.cross_entropy(SCALE * part, own).item() for part in (cosines, cosines.T)]
    found = contrastive_loss(image, text, SCALE, torch.eye(len(image)))
    assert found.item() == pytest.approx(sum(expected) / 2, rel=1e-4, abs=1e-5)


@given(pairs, st.floats(0.1, 10.0))
def test_the_loss_is_symmetric_and_ignores_the_length_of_embeddings(pair, length) -> None:
    image, text = _embeddings(*pair)
    same = torch.eye(len(image))
    loss = contrastive_loss(image, text, SCALE, same).item()
    assert contrastive_loss(text, image, SCALE, same).item() == pytest.approx(loss, rel=1e-4, abs=1e-5)
    assert contrastive_loss(length * image, text, SCALE, same).item() == pytest.approx(loss, rel=1e-3, abs=1e-4)


def test_pairs_of_equal_captions_can_swap_their_texts() -> None:
    image, text = _embeddings(4, 0)
    same = torch.eye(4)
    same[0, 1] = same[1, 0] = 1.0
    loss = contrastive_loss(image, text, SCALE, same).item()
    assert contrastive_loss(image, text[[1, 0, 2, 3]], SCALE, same).item() == pytest.approx(loss, rel=1e-5)
    assert contrastive_loss(image, text[[0, 1, 3, 2]], SCALE, same).item() != pytest.approx(loss, rel=1e-2)


def test_captions_are_framed_padded_and_cut(tokenizer) -> None:
    ids = encode_captions(tokenizer, ["a red ball", " ".join(["red ball"] * MAX_TOKENS)])
    bos, eos, pad = tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id
    words = tokenizer("a red ball", add_special_tokens=False).input_ids
    assert ids.shape == (2, MAX_TOKENS)
    assert ids[0].tolist() == [bos, *words, eos] + [pad] * (MAX_TOKENS - len(words) - 2)
    assert (ids[1, 0], ids[1, -1]) == (bos, eos)


def test_the_loss_trains_every_weight_of_clip_and_its_heads(tokenizer, data) -> None:
    with seeded_initialisation(1):
        clip = build_clip(small_clip_config(**special_token_ids(tokenizer)))
    options = PretrainOptions(steps=1, batch=8)
    task = ContrastivePretraining(clip, tokenizer, data.train, options, torch.device("cpu"))
    (batch,) = task.batches(np.random.default_rng(0))
    task.loss(batch).backward()
    still = [name for name, weight in task.trained_module.named_parameters() if weight.grad is None]
    assert still == []
    assert task.frames(batch) == len(batch) == 8
