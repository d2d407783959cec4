"""Hosts that several workers share: those of a run on one machine, and those on a node of a cluster."""
