"""Laws of a disk that is full, or fails, at any change that a run makes to it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[3]


@pytest.fixture(scope="module")
def failing_disk(tmp_path_factory):
    if (compiler := shutil.which("gcc") or shutil.which("cc")) is None:
        pytest.skip("needs a C compiler")
    library = tmp_path_factory.mktemp("disk") / "failing_disk.so"
    built = [compiler, "-shared", "-fPIC", "-o", str(library), str(HERE / "failing_disk.c"), "-ldl"]
    subprocess.run(built, check=True, timeout=120)
    return library


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("number", "lasting", "every"), [(errno.ENOSPC, 1, 1), (errno.EIO, 0, 3), (errno.EDQUOT, 1, 7)]
)
def test_a_run_on_a_disk_that_fails_at_any_change_ends_and_is_finished_by_resume(
    failing_disk, tmp_path, number, lasting, every
):
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests/sim")))
    words = [HERE / "drive_on_failing_disk.py", tmp_path, number, lasting, every]
    ended = subprocess.run(
        [sys.executable, *map(str, words)],
        env={**os.environ, "PYTHONPATH": paths, "LD_PRELOAD": str(failing_disk), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    *broken, counts = ended.stdout.splitlines()
    assert broken == []
    refused, tried = map(int, counts.split())
    assert refused > 0.8 * tried
