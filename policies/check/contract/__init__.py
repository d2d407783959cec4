"""Checks of what a policy promises by having ``spec``, ``reset`` and ``act``; each drives it through made-up episodes."""
