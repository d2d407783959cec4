from __future__ import annotations

import pytest
import torch
from transformers import AutoConfig, AutoModel

from policies import auto_models
from policies.names.folders import CHECKPOINT_KINDS
from policies.names.shipped import CHECKPOINTS


@pytest.mark.parametrize("name", ["hybrid", "mobile-vla", "simple-clip", "backbones"])
def test_transformers_loads_a_shipped_checkpoint(name: str) -> None:
    network = AutoModel.from_pretrained(str(CHECKPOINTS / name))
    (kind,) = (each for each in auto_models.NETWORKS if each.model_type == network.model_type)
    ours = kind.from_pretrained(CHECKPOINTS / name)
    assert type(network) is kind
    assert all(torch.equal(value, ours.state_dict()[key]) for key, value in network.state_dict().items())


def test_a_checkpoint_that_transformers_loaded_is_saved_again_as_a_policys_folder(tmp_path) -> None:
    from policies.registry import make_policy

    AutoModel.from_pretrained(str(CHECKPOINTS / "hybrid")).save_pretrained(tmp_path / "mine")
    assert make_policy(str(tmp_path / "mine")).weights_sha256 == make_policy("hybrid").weights_sha256


def test_a_config_tells_the_kind_and_the_entries(tmp_path) -> None:
    config = AutoConfig.from_pretrained(str(CHECKPOINTS / "mobile-vla"))
    assert (config.model_type, config.name) == ("system", "mobile-vla")


def test_every_kind_of_network_that_drives_is_registered() -> None:
    registered = {network.model_type for network in auto_models.NETWORKS}
    without_one = {"plans", "ensemble", "degraded"}  # the last two only name the folders of others
    assert set(CHECKPOINT_KINDS) - without_one <= registered
