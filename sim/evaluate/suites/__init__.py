"""Suites: files that hold what is evaluated, so that a run can be repeated and named by one hash."""
