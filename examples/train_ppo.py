"""Train PPO on the corridor from camera and state, with its success on held-out episodes while it learns.

The network takes no words. A fourth channel of the picture tells it which target is meant: how like each pixel is to
the colour that the instruction names.

The command below takes less than a minute, to see that all is well. The policy that is worth its name needs an hour and
more: leave --steps, --envs, --episodes and --every out. A training that was interrupted goes on if it is started again.

Run: python examples/train_ppo.py --steps 256 --envs 2 --episodes 2 --every 256 --out runs/ppo
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import configure
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper

from envs.sb3 import make_vec_env
from policies.sb3 import Sb3Policy, load_sb3_policy
from policies.sb3.colour_prompt import add_likeness, find_colour
from policies.sb3.observed_parts import PROMPTED
from scenarios.common.splits import TRAIN, check_split
from sim.training import EvaluationCallback

ENV_ID, SCENARIO = "MobileVLA/Corridor-v1", "corridor"
IMAGE_SIZE = (64, 64)  # the camera draws it so, and the policy's spec asks for it
REWARD_SCALE = 0.2  # a success is worth 2, a metre 0.2: values near 1 are learned best
ROLLOUT_STEPS = 128  # of each robot
HYPERPARAMETERS: dict[str, Any] = {
    "n_steps": ROLLOUT_STEPS,
    "batch_size": 256,
    "n_epochs": 5,
    "gamma": 0.99,
    "gae_lambda": 0.95,
    "clip_range": 0.2,
    "ent_coef": 0.001,
    "vf_coef": 0.5,
    "max_grad_norm": 0.5,
    "target_kl": 0.03,
}
NETWORK: dict[str, Any] = {
    "net_arch": [128],
    "features_extractor_kwargs": {"cnn_output_dim": 128},
    "log_std_init": -0.5,
}
LEARNING_RATE = 4e-4  # at the start; falls to a tenth along a line


def make_parser() -> argparse.ArgumentParser:
    """Make the command-line parser."""
    parser = argparse.ArgumentParser(description="Train PPO on the corridor from camera and state.")
    parser.add_argument("--steps", type=int, default=2_000_000, help="environment steps of all robots together")
    parser.add_argument("--envs", type=int, default=16, help="robots side by side")
    parser.add_argument("--seed", type=int, default=TRAIN.start, help="of the network, and of the first robot's suite")
    parser.add_argument("--episodes", type=int, default=50, help="held-out episodes of an evaluation")
    parser.add_argument("--every", type=int, default=50_000, help="steps from one evaluation to the next")
    parser.add_argument("--out", type=Path, default=Path("runs/ppo"), help="folder; an earlier training goes on there")
    parser.add_argument("--policy", type=Path, help="folder for the best policy (default: 'policy' in --out)")
    return parser


class PromptedRobots(VecEnvWrapper):
    """Adds the channel of the named colour to the frames, and multiplies rewards by ``REWARD_SCALE``."""

    def __init__(self, env: VecEnv) -> None:
        assert isinstance(env.observation_space, spaces.Dict)
        frames = spaces.Box(0, 255, (*IMAGE_SIZE, 4), np.uint8)
        super().__init__(env, spaces.Dict({PROMPTED: frames, "agent_pos": env.observation_space["agent_pos"]}))

    def reset(self) -> Any:
        """Start an episode of every robot."""
        return self._prompt(self.venv.reset())

    def step_wait(self) -> Any:
        """Finish a step."""
        observations, rewards, done, infos = self.venv.step_wait()
        for info in (infos[robot] for robot in np.flatnonzero(done)):
            last = info["terminal_observation"]
            frame = add_likeness(last["pixels"][None], [find_colour(info["instruction"])])[0]
            info["terminal_observation"] = {PROMPTED: frame, "agent_pos": last["agent_pos"]}
        return self._prompt(observations), np.float32(REWARD_SCALE) * rewards, done, infos

    def _prompt(self, observations: Any) -> dict[str, np.ndarray]:
        colours = [find_colour(instruction) for instruction in self.venv.get_attr("task_description")]
        return {PROMPTED: add_likeness(observations["pixels"], colours), "agent_pos": observations["agent_pos"]}


class Checkpoint(BaseCallback):
    """Saves the model every so many steps, between two rollouts: what was driven is learned then."""

    def __init__(self, path: Path, every_steps: int) -> None:
        super().__init__()
        self._path, self._every_steps, self._last = path, every_steps, 0

    def _on_training_start(self) -> None:
        self._last = self.num_timesteps

    def _on_step(self) -> bool:
        return True

    def _on_rollout_start(self) -> None:
        if self.num_timesteps - self._last >= self._every_steps:
            self._save()

    def _on_training_end(self) -> None:
        self._save()

    def _save(self) -> None:
        self._last = self.num_timesteps
        partial = self._path.with_name("partial.zip")
        self.model.save(partial)
        os.replace(partial, self._path)


def choose_learning_rate(remaining: float) -> float:
    """Return the learning rate when this share of the training, from 1 to 0, remains."""
    return LEARNING_RATE * (0.1 + 0.9 * remaining)


def make_model(env: VecEnv, checkpoint: Path, seed: int) -> PPO:
    """Make a fresh model, or load the one of an earlier part of this training."""
    if not checkpoint.is_file():
        options = {**HYPERPARAMETERS, "learning_rate": choose_learning_rate, "policy_kwargs": NETWORK}
        return PPO("MultiInputPolicy", env, seed=seed, device="cpu", **options)
    model = PPO.load(checkpoint, env=env, device="cpu")
    steps_each = model.num_timesteps // env.num_envs
    env.set_options({"episode": steps_each})  # a number that no robot has come to yet
    return model


def main() -> None:
    """Train, and write the best policy as a checkpoint folder."""
    options = make_parser().parse_args()
    for robot in range(options.envs):
        check_split("train", options.seed + robot)
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    env = PromptedRobots(make_vec_env(ENV_ID, options.envs, options.seed, env_kwargs={"image_size": IMAGE_SIZE}))
    model = make_model(env, out / "last.zip", options.seed)
    model.set_logger(configure(str(out / f"log-{model.num_timesteps}"), ["stdout", "csv"]))
    evaluation = EvaluationCallback(
        SCENARIO, options.episodes, options.every, curve=out / "curve.csv", best=out / "best.zip"
    )
    remaining = options.steps - model.num_timesteps
    if remaining > 0:
        callbacks: list[BaseCallback] = [evaluation, Checkpoint(out / "last.zip", options.every)]
        model.learn(remaining, callback=callbacks, reset_num_timesteps=False)
    env.close()
    policy, folder = load_sb3_policy(out / "best.zip"), options.policy or out / "policy"
    assert isinstance(policy, Sb3Policy)
    policy.network.save_pretrained(folder)
    print(f"python -m sim.evaluate --policy {folder} --scenario {SCENARIO} --episodes 200 --no-offline")


if __name__ == "__main__":
    main()
