"""Gymnasium environments on PyBullet, registered as ``MobileVLA/<Name>-v1``."""

from envs.registration import ENV_IDS, register_all

__all__ = ["ENV_IDS"]

register_all()
