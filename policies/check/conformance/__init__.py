"""Comparison of what a policy and the simulator do with what a data set says and shows."""
