"""Stages of a run: each is made once, is complete when it has its name, and is skipped if it is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from policies.train.loop.run_config import PLAN_FILE
from policies.train.loop.trainer import LOG, STATE
from scenarios.common.files import create_folder

DONE_FILE = "done"


def make_folder_once(folder: Path, fill: Callable[[Path], None]) -> None:
    """Have a folder filled that isn't there; a filling that was stopped is given its own folder again."""
    if not folder.is_dir():
        partial = folder.with_name(f"{folder.name}.partial")
        fill(partial)
        partial.rename(folder)


def train_once(folder: Path, train: Callable[[], object]) -> None:
    """Train into a folder unless that was completed before."""
    if not (folder / DONE_FILE).is_file():
        train()
        (folder / DONE_FILE).write_text("")


def publish_checkpoint(folder: Path, out: Path) -> None:
    """Copy a checkpoint, without what only a resume needs, to its final place; what is there gives way."""
    ignored = shutil.ignore_patterns(STATE, DONE_FILE, LOG, PLAN_FILE)
    with create_folder(out) as partial:
        shutil.copytree(folder, partial, ignore=ignored, dirs_exist_ok=True)
        shutil.rmtree(out, ignore_errors=True)
