"""Advice on which policy to take, from what a run measured."""
