"""Evaluation from Python: what can be passed, in which process it runs, and what comes back."""
