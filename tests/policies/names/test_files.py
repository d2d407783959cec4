from __future__ import annotations

import pytest
from stable_baselines3 import PPO
from stable_baselines3.common.torch_layers import FlattenExtractor

from policies.names.files import has_suffix, make_sb3_policy
from policies.names.parsing import parse_policies
from policies.names.reference import PolicyReference
from policies.registry import make_policy
from policies.sb3 import loading
from scenarios.common.errors import InputError

from ..sb3.models import MODELS, STATE, make_env


@pytest.mark.parametrize(("name", "found"), [("a.onnx", True), ("A.OnNx", True), ("a.onnx2", False)])
def test_the_case_of_a_suffix_does_not_matter(name, found, tmp_path) -> None:
    (tmp_path / name).write_bytes(b"")
    assert has_suffix(str(tmp_path / name), ".onnx") is found


def test_a_folder_or_nothing_is_no_file(tmp_path) -> None:
    (tmp_path / "a.zip").mkdir()
    assert not has_suffix(str(tmp_path / "a.zip"), ".zip")
    assert not has_suffix(str(tmp_path / "b.zip"), ".zip")


def test_the_loader_of_zips_gets_path_name_and_trust(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(loading, "load_sb3_policy", lambda *given, **named: asked.append((*map(str, given), named)))
    make_sb3_policy(PolicyReference("runs/ppo.zip", "runs/ppo.zip", trust_pickle=True))
    make_sb3_policy(PolicyReference("a", "runs/ppo.zip", is_labelled=True))
    assert asked == [
        ("runs/ppo.zip", "ppo", {"trust_pickle": True}),
        ("runs/ppo.zip", "a", {"trust_pickle": False}),
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip"])
def test_what_is_no_zip_of_stable_baselines3_is_one_sentence(content, tmp_path) -> None:
    (tmp_path / "ppo.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"ppo\.zip"):
        make_policy(str(tmp_path / "ppo.zip"))


def test_a_real_zip_drives_under_its_label_and_one_that_needs_its_pickles_says_how_to_trust_it(tmp_path) -> None:
    MODELS["ppo, state"]().save(tmp_path / "ppo.zip")
    assert make_policy(f"a={tmp_path}/ppo.zip").spec.name == "a"
    own = PPO("MlpPolicy", make_env(STATE), policy_kwargs={"features_extractor_class": Own}, seed=1, device="cpu")
    own.save(tmp_path / "own.zip")
    with pytest.raises(InputError, match="trust"):
        make_policy(str(tmp_path / "own.zip"))
    (reference,) = parse_policies((str(tmp_path / "own.zip"),), trust_pickle=True)
    assert make_policy(reference).spec.name == "own"


class Own(FlattenExtractor):
    """An extractor that no standard policy has."""
