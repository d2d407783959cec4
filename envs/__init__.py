"""The worlds that a robot meets: Gymnasium environments on PyBullet, ``MobileVLA/<Name>-v0``."""

from envs.registration import ENV_IDS, register_all

__all__ = ["ENV_IDS"]

register_all()
