"""Policies made of checkpoint folders beside their own: ensembles, and copies that see or hear less."""
