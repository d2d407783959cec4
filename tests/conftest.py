"""No test finds anything of the process otherwise than the first one did, so that they pass in any order."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

if not os.environ.get("CI"):  # in CI, Hypothesis' own profile tries four times as many examples, always the same ones
    settings.register_profile("writing", max_examples=25, deadline=None)
    settings.load_profile("writing")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how to have this order again: a quiet pytest drops the header in which pytest-randomly says it."""
    if (seed := config.getoption("randomly_seed", None)) is not None:
        terminalreporter.write_line(f"this order again: --randomly-seed={seed}")


@pytest.fixture(autouse=True)
def _process_as_it_was() -> Iterator[None]:
    """Undo what libraries, and commands that have the process for themselves, do to it: torch's compiler raises the
    recursion limit, Ray sets variables, training sets the number of torch's threads.
    """
    before = sys.getrecursionlimit(), dict(os.environ), list(sys.path), os.getcwd()
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)  # as every worker does
    yield
    limit, variables, path, folder = before
    sys.setrecursionlimit(limit)
    for name in os.environ.keys() - variables.keys() - {"PYTEST_CURRENT_TEST"}:
        del os.environ[name]
    os.environ.update({name: value for name, value in variables.items() if name != "PYTEST_CURRENT_TEST"})
    sys.path[:] = path
    os.chdir(folder)
