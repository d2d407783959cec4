"""The file ``env.py`` of an EnvHub repository: LeRobot's ``make_env("user/repo", trust_remote_code=True)`` calls it."""

from envs.lerobot import make_env

__all__ = ["make_env"]
