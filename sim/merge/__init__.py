"""Joining of the folders of a run that several machines made."""
