"""Formats of what a policy is given and returns, declared as data, and the conversions between them and ours."""
