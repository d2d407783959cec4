"""Checks of what a policy promises by having ``spec``, ``reset`` and ``act``, on made-up episodes."""
