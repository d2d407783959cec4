"""Loads a zip that Stable-Baselines3 saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from policies.policy import Policy
from policies.sb3.archive import read_archive
from policies.sb3.model_policy import ModelPolicy
from policies.sb3.policy import Sb3Policy
from policies.sb3.rebuild import PickleNeededError, rebuild_network
from scenarios.common.errors import InputError


def load_sb3_policy(path: Path | str, name: str | None = None, trust_pickle: bool = False) -> Policy:
    """Load a zip as a policy, without exploration noise.

    Standard policies (``MlpPolicy``, ``CnnPolicy`` and ``MultiInputPolicy`` of PPO, A2C, SAC, TD3 and DDPG) are rebuilt
    from the file's text and tensors: no pickle is run. Observations that were normalised by a ``VecNormalize`` in
    training can't be told from the file: its statistics are in another one.

    Args:
        path: The zip.
        name: Name of the policy; None: that of the file.
        trust_pickle: Run the file's pickles, which can execute any code, if it isn't a standard policy.

    Raises:
        InputError: It can't be read, doesn't fit the environment, or needs its pickles and they aren't trusted.
    """
    path = Path(path)
    archive = read_archive(path)
    try:
        return Sb3Policy(rebuild_network(archive), name or path.stem)
    except PickleNeededError:
        if not trust_pickle:
            raise
    return ModelPolicy(_unpickle_policy(path), name or path.stem)


def _unpickle_policy(path: Path) -> Any:
    """Make the policy that a zip's pickles describe.

    Raises:
        InputError: They can't be run here, or their policy can't be made.
    """
    from stable_baselines3.common.save_util import load_from_zip_file

    try:
        data, weights, _ = load_from_zip_file(path, device="cpu")
        assert data is not None
        options = dict(data["policy_kwargs"])
        options.setdefault("use_sde", data["use_sde"])
        policy = data["policy_class"](data["observation_space"], data["action_space"], lambda _: 0.0, **options)
        policy.load_state_dict(weights["policy"])
    except Exception as error:  # a user's classes may raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"the policy in {path} can't be made from its pickles: {reason}; its classes must be importable here"
        ) from error
    assert isinstance(policy, torch.nn.Module)
    return policy
