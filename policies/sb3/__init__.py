"""Policies that Stable-Baselines3 trained: a saved zip, a live model, or a checkpoint folder made of one."""

from policies.sb3.loading import load_sb3_policy
from policies.sb3.model_policy import ModelPolicy
from policies.sb3.policy import Sb3Policy

__all__ = ["ModelPolicy", "Sb3Policy", "load_sb3_policy"]
