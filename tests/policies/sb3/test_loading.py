"""A saved zip drives as its model did, without running a pickle; what can't be rebuilt so is named."""

from __future__ import annotations

import base64
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stable_baselines3 import PPO
from stable_baselines3.common.policies import MultiInputActorCriticPolicy
from stable_baselines3.common.torch_layers import CombinedExtractor
from torch import nn

from policies.policy import Policy
from policies.sb3 import ModelPolicy, Sb3Policy, load_sb3_policy
from scenarios.common.errors import InputError

from .models import BOTH, MODELS, SMALL_IMAGE, enlarge, make_batch, make_env, rewrite

SLOTS = 3


class Trap:
    """Writes a file where it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return Path.touch, (self.file,)


def set_traps(path: Path, sprung: Path) -> Path:
    """Put a trap in place of every pickle of a zip."""
    trap = base64.b64encode(pickle.dumps(Trap(sprung))).decode()
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read("data"))
    for described in data.values():
        if isinstance(described, dict) and ":serialized:" in described:
            described[":serialized:"] = trap
    return rewrite(path, path.with_name("trapped.zip"), data=json.dumps(data).encode())


def drive(policy: Policy, steps: int = 4) -> np.ndarray:
    """The actions (t, n, 3) of an episode, in the middle of which one slot begins anew."""
    policy.reset(range(SLOTS), ["go to the red ball", "go to the green cone", ""])
    actions = []
    for step in range(steps):
        if step == 2:
            policy.reset([1], ["go to the blue cone"])
        actions.append(policy.act(make_batch(SLOTS, step)))
    return np.stack(actions)


@pytest.mark.parametrize("name", MODELS)
def test_a_zip_drives_as_its_live_model_does_and_runs_no_pickle(name: str, tmp_path: Path) -> None:
    model = MODELS[name]()
    enlarge(model)
    model.save(tmp_path / "model.zip")
    loaded = load_sb3_policy(set_traps(tmp_path / "model.zip", tmp_path / "sprung"), trust_pickle=True)
    assert not (tmp_path / "sprung").exists()
    assert isinstance(loaded, Sb3Policy)
    assert loaded.spec.name == "trapped"
    live = ModelPolicy(model, "live")
    assert loaded.spec.image_size == live.spec.image_size
    assert loaded.spec.history == live.spec.history
    ours, theirs = drive(loaded), drive(live)
    assert ours.dtype == np.float32
    assert np.allclose(ours, theirs, atol=1e-5)
    assert np.abs(theirs).max() > 0.5


def test_a_checkpoint_folder_drives_as_the_zip_of_which_it_was_made(tmp_path: Path) -> None:
    MODELS["ppo, stacked"]().save(tmp_path / "model.zip")
    loaded = load_sb3_policy(tmp_path / "model.zip", "mine")
    assert isinstance(loaded, Sb3Policy)
    loaded.network.save_pretrained(tmp_path / "folder")
    again = Sb3Policy.load(tmp_path / "folder")
    assert again.network.config == loaded.network.config
    assert np.allclose(drive(again), drive(loaded), atol=0.01)  # weights are kept in half precision
    assert again.weights_sha256 is not None


class OwnExtractor(CombinedExtractor):
    """A features extractor that is no standard one."""


class OwnPolicy(MultiInputActorCriticPolicy):
    """A policy that is no standard one."""


OWN: dict[str, tuple[Any, dict[str, Any], str]] = {
    "extractor": (
        "MultiInputPolicy",
        {**SMALL_IMAGE, "features_extractor_class": OwnExtractor},
        "a features extractor of your own .*OwnExtractor",
    ),
    "policy": (OwnPolicy, SMALL_IMAGE, r"a policy of your own \(of the module"),
    "activation": ("MultiInputPolicy", {**SMALL_IMAGE, "activation_fn": nn.Softplus}, "an activation of your own"),
}


@pytest.mark.parametrize("own", OWN)
def test_what_needs_a_pickle_says_so_and_drives_once_it_is_trusted(own: str, tmp_path: Path) -> None:
    policy, kwargs, message = OWN[own]
    model = PPO(policy, make_env(BOTH), policy_kwargs=kwargs, seed=1, device="cpu")
    model.save(tmp_path / "own.zip")
    with pytest.raises(InputError, match=rf"{message}.*add --trust-pickle if you trust"):
        load_sb3_policy(tmp_path / "own.zip")
    with pytest.raises(InputError, match="--trust-pickle"):
        load_sb3_policy(set_traps(tmp_path / "own.zip", tmp_path / "sprung"))
    assert not (tmp_path / "sprung").exists()
    with pytest.raises(InputError, match="can't be made from its pickles"):
        load_sb3_policy(tmp_path / "trapped.zip", trust_pickle=True)
    assert (tmp_path / "sprung").exists()  # so the traps work
    trusted = load_sb3_policy(tmp_path / "own.zip", trust_pickle=True)
    assert isinstance(trusted, ModelPolicy)
    assert np.allclose(drive(trusted), drive(ModelPolicy(model, "live")), atol=1e-6)
