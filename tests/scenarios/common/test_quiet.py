"""Laws of what is kept out of a command's output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from scenarios.common.quiet import quiet_stderr

ROOT = Path(__file__).resolve().parents[3]
IMPORT = "import pybullet, sys; print('imported'); print('mine', file=sys.stderr)"


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)


def test_only_the_greeting_is_discarded():
    assert "build time" in run(IMPORT).stderr
    quiet = run(f"from scenarios.common.quiet import silence_greetings; silence_greetings(); {IMPORT}")
    assert (quiet.stdout, quiet.stderr) == ("imported\n", "mine\n")


def test_what_is_printed_afterwards_comes_through(capfd):
    with quiet_stderr():
        os.write(2, b"greeting\n")
    os.write(2, b"message\n")
    assert capfd.readouterr().err == "message\n"


def test_a_closed_stderr_stays_closed():
    code = "import os; os.close(2)\nfrom scenarios.common.quiet import quiet_stderr\nwith quiet_stderr(): print('done')"
    assert run(code).stdout == "done\n"
