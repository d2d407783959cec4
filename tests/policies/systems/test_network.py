from __future__ import annotations

import json

import pytest
import torch

from policies.systems.network import System, build_system, compute_backbones_digest, scale_width
from policies.systems.table import SYSTEMS, change_row
from scenarios.common.errors import InputError


def _features(system, widths, frames: int = 3) -> dict[str, torch.Tensor]:
    """Made-up features of 2 episodes."""
    generator = torch.Generator().manual_seed(0)
    tokens = {"clip_tokens": 50, "kosmos2_tokens": 65}
    return {
        name: torch.randn(2, frames, *([tokens[name]] if name in tokens else []), widths[name], generator=generator)
        for name in system.features
    }


def test_a_chunk_of_actions_in_range_for_every_frame(name, system_of, backbones) -> None:
    system, row = system_of(name), SYSTEMS[name]
    answer = system(_features(system, backbones.widths), system.initial_state(2))
    assert answer.actions.shape == (2, 3, row.chunk, row.axes)
    assert answer.actions.abs().max() <= 1.0


def test_frames_at_once_or_one_at_a_time_get_equal_answers(name, system_of, backbones) -> None:
    system = system_of(name)
    features, state = _features(system, backbones.widths, frames=10), system.initial_state(2)
    with torch.no_grad():
        whole = system(features, state).actions
        for t in range(10):
            answer = system({key: value[:, t : t + 1] for key, value in features.items()}, state)
            state = answer.state
            torch.testing.assert_close(answer.actions[:, 0], whole[:, t], atol=1e-5, rtol=1e-4)


def test_a_features_unit_and_offset_do_not_matter_once_it_is_standardized(backbones) -> None:
    answers = []
    for unit, offset in ((1.0, 0.0), (0.25, 2.0)):
        system = build_system(SYSTEMS["enhanced-norm"], backbones)
        features = {key: unit * value + offset for key, value in _features(system, backbones.widths, 40).items()}
        system.standardize_by({key: value.flatten(0, 1) for key, value in features.items()})
        with torch.no_grad():
            answers.append(system(features, system.initial_state(2)).actions)
    assert torch.allclose(*answers, atol=5e-3)
    assert answers[0].std() > 0.01


def test_every_weight_of_a_row_learns_and_the_shared_backbones_do_not(name, backbones) -> None:
    system = build_system(SYSTEMS[name], backbones).train()
    source = system.own_clip or backbones
    planes = torch.rand(4, 3, 112, 112, generator=torch.Generator().manual_seed(0)) * 255
    prompt = backbones.prompts.encode(["to the red ball", "to the blue cone", "to the red cone", "to the ball"])
    found = source.features(planes, prompt, system.features)
    features = {key: value.unflatten(0, (2, 2)) for key, value in found.items()}  # 2 episodes of 2 frames
    answer = system(features, system.initial_state(2))
    target = torch.rand(answer.actions.shape, generator=torch.Generator().manual_seed(1)) * 2 - 1
    torch.nn.functional.mse_loss(answer.actions, target).backward()
    assert [key for key, weight in system.named_parameters() if weight.grad is None or not weight.grad.any()] == []
    assert all(weight.grad is None and not weight.requires_grad for weight in backbones.parameters())
    assert not any(module.training for module in backbones.modules())


def test_a_saved_system_answers_as_before_to_half_precision(name, system_of, backbones, tmp_path) -> None:
    system = system_of(name)
    system.save_pretrained(tmp_path)
    loaded = System.from_pretrained(tmp_path)
    features, state = _features(system, backbones.widths), system.initial_state(2)
    with torch.no_grad():
        torch.testing.assert_close(
            loaded(features, state).actions, system(features, state).actions, atol=5e-3, rtol=0.0
        )
    loaded.save_pretrained(tmp_path / "again")
    assert (tmp_path / "again/model.safetensors").read_bytes() == (tmp_path / "model.safetensors").read_bytes()
    assert (tmp_path / "again/config.json").read_text() == (tmp_path / "config.json").read_text()
    assert not loaded.training


def test_equal_seeds_give_equal_weights(backbones) -> None:
    one, two, other = (build_system(SYSTEMS["mobile-vla"], backbones, seed=seed) for seed in (1, 1, 2))
    pairs = list(zip(one.parameters(), two.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert not all(torch.equal(a, c) for a, _, c in pairs)


def test_a_clip_of_its_own_starts_as_the_shared_one_and_leaves_that_alone(backbones) -> None:
    system = build_system(SYSTEMS["simple-clip"], backbones)
    weight, shared = next(system.own_clip.vision.parameters()), next(backbones.clip_vision.parameters())
    assert torch.equal(weight, shared)
    with torch.no_grad():
        weight.add_(1.0)
    assert not torch.equal(weight, shared)


def test_backbones_have_one_digest_before_and_after_they_are_saved(backbones, tmp_path) -> None:
    from policies.backbones.backbones import Backbones
    from policies.backbones.compact import build_compact_backbones

    backbones.save_pretrained(tmp_path)
    assert compute_backbones_digest(Backbones.from_pretrained(tmp_path)) == compute_backbones_digest(backbones)
    assert compute_backbones_digest(
        build_compact_backbones(backbones.prompts.kosmos2, seed=1)
    ) != compute_backbones_digest(backbones)


@pytest.mark.parametrize(("width", "compact"), [(256, 96), (512, 128), (1024, 192), (2048, 192)])
def test_compact_widths_are_a_quarter_of_the_published_within_bounds(width: int, compact: int) -> None:
    assert scale_width(width, "compact") == compact
    assert scale_width(width, "full") == width


def test_a_row_that_is_made_of_others_has_no_network(backbones) -> None:
    with pytest.raises(ValueError, match="consists of other systems"):
        build_system(SYSTEMS["ensemble-best"], backbones)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model_type": "hybrid"}, "another kind of model"),
        ({"name": "enhanced"}, "can't be read"),
        ({"scale": "huge"}, "unknown scale"),
        ({"widths": {}}, "can't be read"),
    ],
)
def test_a_config_that_fits_nothing_is_bad_input(change, sentence, system_of, tmp_path) -> None:
    system_of("mobile-vla").save_pretrained(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **change}))
    with pytest.raises(InputError, match=sentence):
        System.from_pretrained(tmp_path)


def test_a_changed_row_is_saved_with_its_changes(backbones, tmp_path) -> None:
    row = change_row("enhanced-norm", {"axes": 2, "head": {"kind": "mlp", "hidden": [96]}, "window": 1})
    build_system(row, backbones).save_pretrained(tmp_path)
    changes = json.loads((tmp_path / "config.json").read_text())["changes"]
    assert changes.keys() == {"axes", "head", "window"}
    assert System.from_pretrained(tmp_path).row == row


def test_changes_that_no_row_has_are_bad_input(backbones, tmp_path) -> None:
    build_system(SYSTEMS["mobile-vla"], backbones).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert "changes" not in config
    (tmp_path / "config.json").write_text(json.dumps({**config, "changes": {"wheels": 3}}))
    with pytest.raises(InputError, match="can't be read"):
        System.from_pretrained(tmp_path)
