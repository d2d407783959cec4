"""Specs of policies as data: YAML files and dictionaries, each value with its place for errors."""
