from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

import pytest
import torch
from torch import nn

from policies.backbones.backbones import Backbones
from policies.backbones.checkpoint import CONFIG, WEIGHTS, PretrainedModule, refuse_foreign_code
from scenarios.common.errors import InputError


class _Layer(PretrainedModule):
    model_type = "layer"

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inside = nn.Linear(width, 2)

    def checkpoint_config(self) -> dict[str, Any]:
        return {"width": self.inside.in_features}

    @classmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        return cls(**config)


def test_a_module_comes_back_in_float32_and_evaluation_mode_rounded_to_half(tmp_path) -> None:
    layer = _Layer(3)
    layer.save_pretrained(tmp_path / "new" / "folder")
    again = _Layer.from_pretrained(tmp_path / "new" / "folder")
    assert not again.training
    assert again.inside.weight.dtype == torch.float32
    assert torch.equal(again.inside.weight, layer.inside.weight.half().float())


def test_the_folder_says_its_kind_and_is_readable_by_others(tmp_path) -> None:
    _Layer(3).save_pretrained(tmp_path)
    assert json.loads((tmp_path / CONFIG).read_text()) == {"width": 3, "model_type": "layer"}
    assert (tmp_path / WEIGHTS).stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == [CONFIG, WEIGHTS]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ('{"width": 3, "model_type": "hybrid"}', "its 'model_type' must be 'layer'"),
        ('{"width": 4, "model_type": "layer"}', "can't be read: Error"),
        ('{"depth": 4, "model_type": "layer"}', "can't be read: .*depth"),
        ("{", "can't be read"),
    ],
)
def test_what_is_no_checkpoint_of_this_kind_is_bad_input_in_one_sentence(tmp_path, config, sentence) -> None:
    _Layer(3).save_pretrained(tmp_path)
    (tmp_path / CONFIG).write_text(config)
    with pytest.raises(InputError, match=sentence) as raised:
        _Layer.from_pretrained(tmp_path)
    assert "\n" not in str(raised.value)


def test_a_folder_that_is_not_there_is_bad_input(tmp_path) -> None:
    with pytest.raises(InputError, match="choose a folder that training wrote"):
        _Layer.from_pretrained(tmp_path / "nowhere")


def test_saving_loaded_backbones_changes_no_bit(hybrid, tmp_path) -> None:
    hybrid.backbones.save_pretrained(tmp_path / "a")
    Backbones.from_pretrained(tmp_path / "a").save_pretrained(tmp_path / "b")
    for name in (CONFIG, WEIGHTS, "tokenizer.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (
            {"clip": {"vision_config": {"_attn_implementation": "kernels-community/x"}}},
            "'_attn_implementation' is 'ker",
        ),
        ({"attn_implementation": {"": "eager", "vision_config": "me/kernel@main"}}, "is 'me/kernel@main', and only"),
        ({"parts": [{"_attn_implementation_internal": "paged|me/kernel"}]}, "only 'eager' and 'sdpa' are allowed"),
        ({"clip": {"auto_map": {"AutoModel": "m.Model"}}}, "'auto_map'"),
    ],
)
def test_a_config_that_would_fetch_code_is_refused_before_a_network_is_built(config, sentence, tmp_path) -> None:
    _Layer(3).save_pretrained(tmp_path)
    (tmp_path / CONFIG).write_text(json.dumps({"width": 3, "model_type": "layer", **config}))
    with pytest.raises(InputError, match=sentence):
        _Layer.from_pretrained(tmp_path)


def test_the_kernels_of_torch_are_allowed(tmp_path) -> None:
    config = {"_attn_implementation": "eager", "attn_implementation": {"text_config": "sdpa"}, "x": [None, 1]}
    refuse_foreign_code(config, tmp_path / CONFIG)
