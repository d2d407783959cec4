"""Stages of a run: each runs once, and is skipped when its complete result already exists."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from policies.train.loop.run_config import PLAN_FILE
from policies.train.loop.trainer import LOG, STATE
from scenarios.common.files import create_folder

DONE_FILE = "done"


def make_folder_once(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder unless it exists; an interrupted ``fill`` is called again with the same partial folder."""
    if not folder.is_dir():
        partial = folder.with_name(f"{folder.name}.partial")
        fill(partial)
        partial.rename(folder)


def train_once(folder: Path, train: Callable[[], object]) -> None:
    """Train into a folder unless that training is already complete."""
    if not (folder / DONE_FILE).is_file():
        train()
        (folder / DONE_FILE).write_text("")


def publish_checkpoint(folder: Path, out: Path) -> None:
    """Copy a checkpoint, without the files that only a resume needs, to its final folder; replace an existing one."""
    ignored = shutil.ignore_patterns(STATE, DONE_FILE, LOG, PLAN_FILE)
    with create_folder(out) as partial:
        shutil.copytree(folder, partial, ignore=ignored, dirs_exist_ok=True)
        shutil.rmtree(out, ignore_errors=True)
