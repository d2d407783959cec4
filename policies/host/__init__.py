"""Policies in processes of their own, with their own imports, working folder and Python."""
