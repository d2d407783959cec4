"""Scenarios as YAML files: a family, and the ranges in which it differs from the code's."""
