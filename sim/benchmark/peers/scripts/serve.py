"""Opens a scene of some simulator and steps it on demand. Runs in any environment: it imports nothing of this package.

Started with a script's path and its settings as JSON. The script's ``open_scene(**settings)`` returns a description and
a function that does one step: physics, and one picture read back. This prints the description, then for each number of
seconds on standard input the steps done in as much CPU time, and the CPU time.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import time
from collections.abc import Iterable
from typing import Any, TextIO

WARM_UP_STEPS = 3


def serve_turns(script: str, settings: dict[str, Any], turns: Iterable[str], out: TextIO) -> None:
    """Open the scene of a script, describe it, and take a turn for each line of ``turns``."""
    description, step = runpy.run_path(script)["open_scene"](**settings)
    for _ in range(WARM_UP_STEPS):
        step()
    _print(description, out)
    for line in turns:
        began, steps = time.process_time(), 0
        while (passed := time.process_time() - began) < float(line) or not steps:
            step()
            steps += 1
        _print({"steps": steps, "cpu_s": passed}, out)


def _print(value: dict[str, Any], out: TextIO) -> None:
    print(json.dumps(value), file=out, flush=True)


def keep_output() -> TextIO:
    """Return standard output for our own lines, and send what the simulator prints to standard error."""
    ours = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return ours


if __name__ == "__main__":
    serve_turns(sys.argv[1], json.loads(sys.argv[2]), sys.stdin, keep_output())
