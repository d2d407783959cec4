"""Scenarios as YAML files: a family, and the ranges in which it differs from what stands in the code."""
