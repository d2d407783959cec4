"""Laws of locks and of temporary folders."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scenarios.common import locks

ROOT = Path(__file__).parents[3]
KILLED_WITH_A_FOLDER = """
import os, signal, sys
from pathlib import Path
from scenarios.common.locks import make_temporary_folder
folder = make_temporary_folder("mobile-vla-", Path(sys.argv[1]))
(folder / "texture.bmp").write_text("x")
os.kill(os.getpid(), signal.SIGKILL)
"""


def refuse_locks(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let every lock fail with an error number, as on a disk without locks."""

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)


def test_a_folder_is_locked_by_one_at_a_time(tmp_path: Path) -> None:
    count = tmp_path / "count"
    count.write_text("0")

    def add_one(_: int) -> None:
        with locks.lock_folder(tmp_path):
            before = int(count.read_text())
            time.sleep(0.001)
            count.write_text(str(before + 1))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_one, range(40)))
    assert count.read_text() == "40"


def test_a_lock_excludes_another_open_file_until_it_is_closed(tmp_path: Path) -> None:
    with (tmp_path / "a").open("w") as one, (tmp_path / "a").open("w") as other:
        assert locks.lock_file(one, wait=False) is None
        with pytest.raises(BlockingIOError):
            locks.lock_file(other, wait=False)
        one.close()
        assert locks.lock_file(other, wait=False) is None


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL])
@pytest.mark.parametrize("wait", [True, False])
def test_a_disk_without_locks_is_told_from_a_lock_that_another_process_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, wait: bool
) -> None:
    refuse_locks(monkeypatch, number)
    with (tmp_path / "a").open("w") as file:
        assert locks.lock_file(file, wait=wait) == os.strerror(number)


def test_a_killed_process_s_folder_is_removed_by_the_next_one_and_a_living_one_s_is_not(tmp_path: Path) -> None:
    mine = locks.make_temporary_folder("policy-host-", tmp_path)
    subprocess.run([sys.executable, "-c", KILLED_WITH_A_FOLDER, str(tmp_path)], cwd=ROOT, check=False, timeout=120)
    (abandoned,) = tmp_path.glob("mobile-vla-*")
    assert (abandoned / "texture.bmp").exists()
    locks.remove_abandoned_folders(tmp_path)
    assert list(tmp_path.iterdir()) == [mine]
    locks.remove_temporary_folder(mine)
    assert list(tmp_path.iterdir()) == []


def test_only_folders_of_ours_whose_lock_was_taken_are_removed(tmp_path: Path) -> None:
    for name in ("mobile-vla-being-made", "others", "somebody"):
        (tmp_path / name).mkdir()
    (tmp_path / "somebody/.in-use").touch()
    (tmp_path / "mobile-vla-link").symlink_to(tmp_path / "somebody")
    (tmp_path / "mobile-vla-file").touch()
    before = sorted(tmp_path.rglob("*"))
    locks.remove_abandoned_folders(tmp_path)
    locks.remove_abandoned_folders(tmp_path / "absent")
    assert sorted(tmp_path.rglob("*")) == before


def test_without_locks_no_folder_is_taken_for_abandoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_locks(monkeypatch, errno.ENOSYS)
    folder = locks.make_temporary_folder("mobile-vla-", tmp_path)
    monkeypatch.undo()
    locks.remove_abandoned_folders(tmp_path)
    assert folder.is_dir()
