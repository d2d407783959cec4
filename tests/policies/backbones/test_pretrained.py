from __future__ import annotations

import json
from typing import Any

import pytest
from transformers import CLIPModel

from policies.backbones.clip import compact_clip_config
from policies.backbones.pretrained import CLIP_FULL, KOSMOS2_FULL, WeightsSource, load_pretrained
from scenarios.common.errors import InputError


def _clip() -> CLIPModel:
    return CLIPModel(compact_clip_config(vocabulary=20, pad=1, bos=0, eos=3))


class _Asked:
    """Remembers what a hub would be asked for."""

    asked: dict[str, Any]

    @classmethod
    def from_pretrained(cls, name: str, **options: Any) -> _Asked:
        cls.asked = {"name": name, **options}
        return cls()

    def eval(self) -> _Asked:
        return self


class _Unreachable:
    @classmethod
    def from_pretrained(cls, name: str, **options: Any) -> None:
        raise OSError("no route to the hub\nand a second line")


def test_hub_sources_are_pinned_to_a_commit() -> None:
    for source in (CLIP_FULL, KOSMOS2_FULL):
        assert source.revision is not None
        assert len(source.revision) == 40


@pytest.mark.parametrize(
    ("source", "revision"), [(CLIP_FULL, CLIP_FULL.revision), (WeightsSource("someone/else"), "main")]
)
def test_only_safetensors_of_the_named_commit_are_loaded_without_remote_code(source, revision) -> None:
    load_pretrained(_Asked, source)
    assert _Asked.asked == {
        "name": source.name,
        "revision": revision,
        "use_safetensors": True,
        "trust_remote_code": False,
        "local_files_only": False,
    }


def test_a_local_folder_never_asks_the_hub(tmp_path) -> None:
    load_pretrained(_Asked, WeightsSource(str(tmp_path)))
    assert _Asked.asked["local_files_only"]


def test_a_saved_model_comes_back_in_evaluation_mode(tmp_path) -> None:
    _clip().train().save_pretrained(tmp_path)
    assert not load_pretrained(CLIPModel, WeightsSource(str(tmp_path))).training


def test_a_folder_without_safetensors_is_bad_input(tmp_path) -> None:
    _clip().config.save_pretrained(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"never read")
    with pytest.raises(InputError, match="CLIPModel can't be loaded"):
        load_pretrained(CLIPModel, WeightsSource(str(tmp_path)))


def test_a_hub_that_is_out_of_reach_is_one_sentence() -> None:
    with pytest.raises(InputError, match="no route to the hub; give a folder") as raised:
        load_pretrained(_Unreachable, CLIP_FULL)
    assert "\n" not in str(raised.value)


def test_a_folder_whose_config_names_a_kernel_of_the_hub_is_refused(tmp_path) -> None:
    _clip().save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["vision_config"]["_attn_implementation"] = "kernels-community/x"
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match="'kernels-community/x', and only 'eager' and 'sdpa' are allowed"):
        load_pretrained(CLIPModel, WeightsSource(str(tmp_path)))
