"""Gathers the evidence that offline metrics need: each part in a pass of its own, with its cost."""
