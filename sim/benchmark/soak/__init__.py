"""Soak: many episodes with policies that misbehave, killed workers and full disks; what is left of it."""
