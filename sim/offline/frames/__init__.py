"""Recorded frames as a policy gets them: which ones, when, and in which size."""
