"""While a model learns, its success is measured as it is, and learning is none the wiser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.logger import KVWriter, Logger
from stable_baselines3.common.vec_env import DummyVecEnv

from envs.sb3 import make_vec_env
from policies.sb3 import ModelPolicy
from scenarios.common.errors import InputError
from sim.training import EvaluationCallback, HeldOutEpisodes
from sim.training.learning_curve import LearningCurve

pytestmark = pytest.mark.slow  # trains and drives

CORRIDOR = "MobileVLA/Corridor-v1"
TINY: Any = {"net_arch": [4], "features_extractor_kwargs": {"cnn_output_dim": 4}}


class Lines(KVWriter):
    """Keeps what a trainer logs."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, Any], step: int = 0) -> None:
        self.lines.append(dict(key_values))

    def close(self) -> None:
        """Nothing is open."""


def make_model(seed: int = 1000) -> PPO:
    env = make_vec_env(CORRIDOR, 2, seed=seed, env_kwargs={"image_size": (36, 36)})
    options: Any = {"n_steps": 8, "batch_size": 16, "n_epochs": 1, "device": "cpu"}
    model = PPO("MultiInputPolicy", env, policy_kwargs=TINY, seed=3, **options)
    env.seed(seed)  # the model has seeded it with 3
    return model


def make_callback(**kwargs: Any) -> EvaluationCallback:
    return EvaluationCallback(**{"episodes": 2, "every_steps": 16, **kwargs})


def test_success_is_that_of_the_model_at_that_step_in_log_curve_and_best(tmp_path: Path) -> None:
    model, lines = make_model(), Lines()
    model.set_logger(Logger(None, [lines]))
    callback = make_callback(curve=tmp_path / "curve.csv", best=tmp_path / "best.zip")
    model.learn(40, callback=callback)
    assert list(callback.results) == [16, 32, 48]  # rollouts of 16
    logged = [line for line in lines.lines if "eval/success" in line]
    points = LearningCurve(tmp_path / "curve.csv").points
    assert [line["time/total_timesteps"] for line in logged] == [point.timesteps for point in points] == [16, 32, 48]
    for line, point, result in zip(logged, points, callback.results.values(), strict=True):
        rate = result.success
        assert (line["eval/success"], line["eval/success_low"]) == (rate.rate, rate.low)
        assert (point.successes, point.episodes, point.high) == (rate.k, rate.n, round(rate.high, 4))
    held_out = HeldOutEpisodes(episodes=2)
    assert held_out.drive(ModelPolicy(model, "now")).outcomes == callback.results[48].outcomes
    held_out.close()
    assert PPO.load(tmp_path / "best.zip").num_timesteps == 16  # none of the later ones did better
    model.get_env().close()


def test_training_is_the_same_with_it_and_without_it() -> None:
    trained = []
    for callback in (None, make_callback()):
        model = make_model()
        model.learn(32, callback=callback)
        model.get_env().close()
        trained.append(model.policy.state_dict())
    assert all(torch.equal(value, trained[1][name]) for name, value in trained[0].items())


def test_a_second_training_goes_on_with_the_curve(tmp_path: Path) -> None:
    model = make_model()
    for _ in range(2):
        model.learn(16, callback=make_callback(curve=tmp_path / "curve.csv"), reset_num_timesteps=False)
    model.get_env().close()
    points = LearningCurve(tmp_path / "curve.csv").points
    assert [point.timesteps for point in points] == [16, 32]
    assert points[1].seconds > points[0].seconds


def test_a_suite_that_is_trained_on_can_not_be_held_out() -> None:
    model = make_model(seed=1999)  # of the second robot: 2000
    with pytest.raises(InputError, match="the held-out episodes of seed 2000 are trained on"):
        model.learn(16, callback=make_callback())
    model.get_env().close()
    single = DummyVecEnv([lambda: gym.make(CORRIDOR, image_size=(36, 36))])
    single.seed(2000)
    with pytest.raises(InputError, match="the held-out episodes of seed 2000 are trained on"):
        PPO("MultiInputPolicy", single, n_steps=8, batch_size=8, policy_kwargs=TINY).learn(8, callback=make_callback())
    single.close()


def test_an_interval_of_no_steps_is_refused() -> None:
    with pytest.raises(InputError, match="every_steps is 0"):
        make_callback(every_steps=0)
