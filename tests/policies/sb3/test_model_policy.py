"""A live model drives as its own predictions say, and is left as it was."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecNormalize

from policies.policy import InferenceRuntime, PolicyWithWeights
from policies.sb3.model_policy import ModelPolicy
from scenarios.common.errors import InputError

from .models import BOTH, MODELS, SMALL_IMAGE, STATE, make_batch, make_env


def test_it_follows_the_model_as_it_learns_and_leaves_its_mode_alone() -> None:
    model = MODELS["ppo"]()
    policy, batch = ModelPolicy(model, "live"), make_batch(2, 0)
    assert isinstance(policy, PolicyWithWeights)
    policy.reset([0, 1], ["", ""])
    before, known = policy.act(batch), policy.weights_sha256
    model.policy.action_net.bias.data += 0.2
    model.policy.set_training_mode(True)
    assert np.allclose(policy.act(batch), before + 0.2, atol=1e-5)
    assert policy.weights_sha256 != known
    assert model.policy.training


def test_observations_are_normalised_as_in_training() -> None:
    env = VecNormalize(make_env(BOTH), norm_obs_keys=["agent_pos"])
    model = PPO("MultiInputPolicy", env, policy_kwargs=SMALL_IMAGE, seed=1, device="cpu")
    env.obs_rms["agent_pos"].mean = np.full(6, 3.0)
    batch = make_batch(2, 0)
    observation = env.normalize_obs({"pixels": batch.pixels, "agent_pos": batch.agent_pos})
    policy = ModelPolicy(model, "live")
    policy.reset([0, 1], ["", ""])
    assert np.allclose(policy.act(batch), model.predict(observation, deterministic=True)[0])
    assert not np.allclose(observation["agent_pos"], batch.agent_pos)


def test_actions_of_another_space_and_another_runtime_are_refused() -> None:
    wide = spaces.Box(-2.0, 2.0, (3,), np.float32)
    with pytest.raises(InputError, match="3 numbers from -1 to 1"):
        ModelPolicy(PPO("MlpPolicy", make_env(STATE, action_space=wide), device="cpu"), "live")
    with pytest.raises(InputError, match="omit --device cuda"):
        ModelPolicy(MODELS["ppo, state"](), "live").apply_runtime(InferenceRuntime(device="cuda"))
