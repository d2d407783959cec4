from __future__ import annotations

import json

import numpy as np
import pytest

from policies.derived.ensemble import save_ensemble
from policies.names.folders import load_folder
from policies.registry import make_policy
from scenarios.common.errors import InputError


def test_a_folder_of_an_ensemble_drives_as_the_mean_of_its_members(systems, frames) -> None:
    save_ensemble(systems / "both", ["enhanced-norm", "mobile-vla"], [0.7, 0.3])
    policies = [make_policy(str(systems / "both"))]
    policies += [load_folder(systems / name, name) for name in ("enhanced-norm", "mobile-vla")]
    for policy in policies:
        policy.reset(range(4), ["go to the red ball"] * 4)
    whole, *members = (policy.act(frames(1, 4)) for policy in policies)
    assert np.allclose(whole, 0.7 * members[0] + 0.3 * members[1], atol=1e-6)
    assert policies[0].spec.name == "both"


@pytest.mark.parametrize("config", [{"members": "all"}, {"members": ["mobile-vla"], "weights": ["1"]}])
def test_a_config_without_members_and_weights_is_bad_input(config, systems) -> None:
    (systems / "spoiled").mkdir(exist_ok=True)
    (systems / "spoiled" / "config.json").write_text(json.dumps({**config, "model_type": "ensemble"}))
    with pytest.raises(InputError, match="must list the names of 'members'"):
        load_folder(systems / "spoiled", "spoiled")
