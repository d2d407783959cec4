"""Worlds, tasks and how both vary: data and geometry, without physics or networks."""
