"""Scenarios as YAML files: a family and changes to its ranges."""
