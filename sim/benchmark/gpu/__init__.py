"""Benchmark of a GPU: pictures, networks and the closed loop, each beside its limit on the same device."""
