"""A small disk is full once it is filled, takes files again once it is freed, and is gone afterwards."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sim.benchmark.soak import disk
from sim.benchmark.soak.disk import fill_disk, free_disk, small_disk


def test_a_disk_that_is_full_takes_nothing_until_it_is_freed(tmp_path: Path) -> None:
    with small_disk(tmp_path, 1) as mounted:
        if not mounted:
            pytest.skip("this user may not mount a file system")
        (tmp_path / "before").write_bytes(bytes(1000))
        fill_disk(tmp_path)
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            (tmp_path / "more").write_bytes(bytes(8192))
        free_disk(tmp_path)
        (tmp_path / "more").write_bytes(bytes(8192))
        assert (tmp_path / "before").read_bytes() == bytes(1000)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_may_be_mounted_the_folder_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk.shutil, "which", lambda name: None)
    with small_disk(tmp_path, 1) as mounted:
        assert not mounted
    free_disk(tmp_path)  # nothing to remove
