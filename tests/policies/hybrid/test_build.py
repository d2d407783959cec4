from __future__ import annotations

import torch

from policies.hybrid.build import build_compact_hybrid, build_hybrid_from_backbones


def test_equal_seeds_make_equal_weights_and_other_seeds_others(hybrid) -> None:
    tokenizer = hybrid.prompts.kosmos2
    one, same, other = (build_compact_hybrid(tokenizer, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["project.1.weight"], other["project.1.weight"])


def test_building_leaves_torchs_own_random_state_alone(hybrid) -> None:
    before = torch.random.get_rng_state()
    build_compact_hybrid(hybrid.prompts.kosmos2, 1)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_hybrid_on_trained_backbones_has_their_weights_and_a_fresh_head(hybrid) -> None:
    built = build_hybrid_from_backbones(hybrid.backbones, seed=1)
    trained = hybrid.backbones.state_dict()
    assert all(torch.equal(value, trained[name]) for name, value in built.backbones.state_dict().items())
    assert not torch.equal(built.project[1].weight, hybrid.project[1].weight)
