"""Metrics of recorded actions and a policy's predictions of them, without simulation."""
