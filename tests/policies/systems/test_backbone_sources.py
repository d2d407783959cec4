from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from transformers import CLIPModel, Kosmos2ForConditionalGeneration

from policies.backbones.clip import compact_clip_config
from policies.backbones.compact import build_compact_backbones, special_token_ids
from policies.backbones.pretrained import WeightsSource
from policies.backbones.text.tokenizer import build_tokenizer
from policies.names.shipped import CHECKPOINTS
from policies.registry import make_policy
from policies.systems.__main__ import main
from policies.systems.backbone_sources import BackboneSources, load_full_backbones
from policies.systems.model_size import count_weights
from policies.systems.network import build_system
from policies.systems.policy import SystemPolicy
from policies.systems.table import SYSTEMS
from scenarios.common.errors import InputError

from ..tiny_models import save_pretrained_pair


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Folders of a small CLIP and a small Kosmos-2 as transformers saves the full ones, with pictures of 112 pixels."""
    folder = tmp_path_factory.mktemp("weights")
    save_pretrained_pair(folder)
    return folder


def _build(weights, name: str, out) -> int:
    sources = ["--clip", str(weights / "clip"), "--kosmos2", str(weights / "kosmos2")]
    return main(["build", name, "--scale", "full", *sources, "--out", str(out)])


def _act(policy, batch) -> np.ndarray:
    policy.reset(range(3), ["go to the red ball", "find the cone", "drive on"])
    return policy.act(batch(0))


@pytest.mark.parametrize("name", ["enhanced-norm", "mobile-vla", "clip-lstm", "simple-clip", "optimized-2d"])
def test_a_full_size_system_on_loaded_backbones_drives_from_its_folder(name, weights, tmp_path, batch) -> None:
    assert _build(weights, name, tmp_path / "mine") == 0
    policy = make_policy(str(tmp_path / "mine"))
    actions = _act(policy, batch)
    assert actions.shape == (3, 3)
    assert np.isfinite(actions).all()
    assert np.array_equal(actions, _act(make_policy(str(tmp_path / "mine")), batch))
    assert policy.system.scale == "full"


def test_a_full_size_checkpoint_names_its_backbones_and_does_not_hold_them(weights, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(weights)
    assert main(["build", "mobile-vla", "--kosmos2", "kosmos2", "--out", str(tmp_path / "mine")]) == 0
    config = json.loads((tmp_path / "mine/config.json").read_text())
    assert config["backbones"] == {"clip": None, "kosmos2": [str(weights / "kosmos2"), None]}
    monkeypatch.chdir(tmp_path)
    assert make_policy("mine").spec.parameters > 0


def test_a_full_size_checkpoint_of_fresh_weights_holds_the_head_alone(tmp_path) -> None:
    assert main(["build", "enhanced-norm", "--random", "--out", str(tmp_path / "mine")]) == 0
    config = json.loads((tmp_path / "mine/config.json").read_text())
    assert config["backbones"] == {"clip": ["random", None], "kosmos2": ["random", None]}
    size = (tmp_path / "mine/model.safetensors").stat().st_size
    assert size == pytest.approx(2 * count_weights(SYSTEMS["enhanced-norm"], "full").own, rel=0.01)


def test_loaded_backbones_hold_the_folders_weights_frozen_and_in_evaluation_mode(weights) -> None:
    found = load_full_backbones(
        BackboneSources(WeightsSource(str(weights / "clip")), WeightsSource(str(weights / "kosmos2")))
    )
    clip = CLIPModel.from_pretrained(weights / "clip")
    kosmos2 = Kosmos2ForConditionalGeneration.from_pretrained(weights / "kosmos2")
    for mine, theirs in (
        (found.clip_vision, clip.vision_model),
        (found.clip_text, clip.text_model),
        (found.kosmos2.vision_model, kosmos2.vision_model),
        (found.kosmos2.image_to_text_projection, kosmos2.image_to_text_projection),
    ):
        theirs_by_name = theirs.state_dict()
        for key, value in mine.state_dict().items():
            assert torch.equal(value, theirs_by_name[key]), key
    assert not any(weight.requires_grad for weight in found.parameters())
    assert not any(module.training for module in found.modules())


def test_pictures_of_full_size_are_not_shrunk(tmp_path, batch) -> None:
    """224 pixels in, 224 pixels taken."""
    tokenizer = build_tokenizer([], 64)
    config = compact_clip_config(**special_token_ids(tokenizer))
    config.vision_config.image_size = 224
    CLIPModel(config).save_pretrained(tmp_path / "clip")
    tokenizer.save_pretrained(tmp_path / "clip")
    assert main(["build", "clip-lstm", "--clip", str(tmp_path / "clip"), "--out", str(tmp_path / "mine")]) == 0
    policy = make_policy(str(tmp_path / "mine"))
    assert policy.source.image_size == 224
    assert np.isfinite(_act(policy, batch)).all()


def test_a_source_that_is_not_there_is_bad_input(weights, tmp_path, monkeypatch) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty"):
        main(["build", "mobile-vla", "--kosmos2", str(tmp_path / "empty"), "--out", str(tmp_path / "x")])
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InputError, match="no weights at 'no/such/folder'"):
        main(["build", "mobile-vla", "--kosmos2", "no/such/folder", "--out", str(tmp_path / "x")])


def _trained(backbones, folder, name: str = "mobile-vla") -> None:
    """A system's checkpoint and its backbones, side by side."""
    backbones.save_pretrained(folder / "backbones")
    build_system(SYSTEMS[name], backbones).save_pretrained(folder / name)


def test_systems_that_stand_side_by_side_share_one_copy_of_their_backbones(backbones, tmp_path, batch) -> None:
    _trained(backbones, tmp_path)
    build_system(SYSTEMS["enhanced-2d"], backbones).save_pretrained(tmp_path / "enhanced-2d")
    one, two = (SystemPolicy.load(tmp_path / name) for name in ("mobile-vla", "enhanced-2d"))
    assert one.source is two.source
    assert not any(weight.requires_grad for weight in one.source.parameters())
    assert np.isfinite(_act(one, batch)).all()


def test_a_system_with_a_clip_of_its_own_needs_no_backbones_beside_it(backbones, tmp_path, batch) -> None:
    build_system(SYSTEMS["simple-clip"], backbones).save_pretrained(tmp_path / "alone")
    policy = SystemPolicy.load(tmp_path / "alone")
    assert np.isfinite(_act(policy, batch)).all()


def test_backbones_other_than_a_system_was_trained_on_are_refused(backbones, tmp_path) -> None:
    _trained(backbones, tmp_path)
    build_compact_backbones(backbones.prompts.kosmos2, seed=1).save_pretrained(tmp_path / "backbones")
    with pytest.raises(InputError, match="was trained on other backbones"):
        SystemPolicy.load(tmp_path / "mobile-vla")


def test_a_system_alone_in_a_folder_takes_the_shipped_backbones_if_they_are_its_own(backbones, tmp_path) -> None:
    shutil.copytree(CHECKPOINTS / "mobile-vla", tmp_path / "moved")
    assert SystemPolicy.load(tmp_path / "moved").weights_sha256 == make_policy("mobile-vla").weights_sha256
    build_system(SYSTEMS["mobile-vla"], backbones).save_pretrained(tmp_path / "foreign")
    with pytest.raises(InputError, match="was trained on other backbones"):
        SystemPolicy.load(tmp_path / "foreign")


def test_a_folder_of_backbones_without_weights_is_bad_input(backbones, tmp_path) -> None:
    build_system(SYSTEMS["mobile-vla"], backbones).save_pretrained(tmp_path / "mobile-vla")
    (tmp_path / "backbones").mkdir()
    with pytest.raises(InputError, match="no backbones in"):
        SystemPolicy.load(tmp_path / "mobile-vla")


def test_a_checkpoint_that_names_a_repository_of_the_hub_has_nothing_downloaded(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(CHECKPOINTS / "mobile-vla", folder)
    config = json.loads((folder / "config.json").read_text())
    config["backbones"] = {"clip": None, "kosmos2": ["someone/model", "0123abc"]}
    (folder / "config.json").write_text(json.dumps(config))
    asked = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *arguments, **_: asked.append(arguments))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(InputError, match="hf download someone/model --revision 0123abc"):
        make_policy(str(folder))
    assert asked == []
