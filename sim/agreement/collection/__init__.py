"""Drives and scores the units of a trained population, and gathers both tables from what that gave."""
