from __future__ import annotations

from pathlib import Path

import pytest

from policies.train.loop.stages import make_folder_once, publish_checkpoint, train_once


def test_a_folder_that_is_stopped_while_it_is_made_is_gone_on_with_and_made_once(tmp_path) -> None:
    calls: list[list[str]] = []

    def fill(folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        calls.append([path.name for path in folder.iterdir()])
        (folder / "state.pt").write_text("")
        if len(calls) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_folder_once(tmp_path / "clip", fill)
    assert not (tmp_path / "clip").exists()
    for _ in range(2):
        make_folder_once(tmp_path / "clip", fill)
    assert calls == [[], ["state.pt"]]


def test_a_stage_is_trained_until_it_was_completed(tmp_path) -> None:
    calls: list[int] = []

    def train() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_once(tmp_path, train)
    for _ in range(2):
        train_once(tmp_path, train)
    assert len(calls) == 2


def test_a_published_checkpoint_has_nothing_that_only_a_resume_needs(tmp_path) -> None:
    folder, out = tmp_path / "finished", tmp_path / "runs" / "hybrid"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "state.pt", "done", "training.csv", "plan.json"):
        (folder / name).write_text("new")
    out.mkdir(parents=True)
    (out / "old.json").write_text("old")
    publish_checkpoint(folder, out)
    assert sorted(path.name for path in out.iterdir()) == ["config.json", "model.safetensors"]
    assert [path.name for path in out.parent.iterdir()] == ["hybrid"]
