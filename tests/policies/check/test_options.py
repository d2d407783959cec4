"""The command line of the checks."""

from __future__ import annotations

import sys

from policies.check.options import read_options


def test_flags_reach_what_is_checked() -> None:
    options = read_options(["zero", "--policy-timeout", "3", "--json"])
    assert (options.reference.label, options.hosting.timeout_s, options.is_json) == ("zero", 3.0, True)
    assert (options.dataset, options.mapping, options.runtime.device) == (None, None, "cpu")


def test_a_python_is_that_of_a_policy_of_ones_own(tmp_path) -> None:
    (tmp_path / "mine.py").write_text("class Mine: ...\n")
    made = read_options([f"{tmp_path}/mine.py:Mine", "--policy-python", sys.executable])
    assert made.reference.python == sys.executable
