"""Metrics that look at the true scene of a recorded episode: its obstacles, targets and paths."""
