"""The Gymnasium loop: drive an environment with a simple rule, and write what the robot's camera sees as a film.

Run: python examples/gymnasium_loop.py
"""

from __future__ import annotations

import gymnasium as gym
import imageio.v3 as iio
import numpy as np

import envs  # noqa: F401  registers MobileVLA/*


def main() -> None:
    """Drive one episode of up to ten seconds."""
    env = gym.make("MobileVLA/Corridor-v1")
    observation, info = env.reset(seed=3)
    print(info["instruction"])
    frames = [observation["pixels"]]
    for _ in range(100):
        action = np.array([0.6, 0.0, 0.0], np.float32)  # vx, vy, wz
        observation, _reward, terminated, truncated, info = env.step(action)
        frames.append(observation["pixels"])
        if terminated or truncated:
            break
    print("success" if info["is_success"] else "no success", "after", len(frames) - 1, "steps")
    iio.imwrite("drive.mp4", np.stack(frames), fps=10, codec="libx264", plugin="pyav")
    env.close()


if __name__ == "__main__":
    main()
