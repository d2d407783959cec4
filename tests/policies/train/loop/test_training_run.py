from __future__ import annotations

import io
import pickle
from dataclasses import FrozenInstanceError

import pytest
import torch
from rich.console import Console

from policies.train.loop.trainer import OptimizerConfig
from policies.train.loop.training_run import TrainingRun
from policies.train.tasks.cloning import CloneOptions, clone_behaviour

from ..small_models import build_small_hybrid


def test_no_stage_can_change_what_the_others_share(make_run, tmp_path) -> None:
    run = make_run(tmp_path)
    with pytest.raises(FrozenInstanceError):
        run.work = tmp_path / "elsewhere"


def test_no_result_depends_on_a_runs_folders_or_console(tokenizer, data, tmp_path) -> None:
    results = []
    for name, terminal in (("one", True), ("other", False)):
        console = Console(file=io.StringIO(), force_terminal=terminal)
        run = TrainingRun(tmp_path / name / "work", tmp_path / name / "cache", torch.device("cpu"), console)
        model, options = build_small_hybrid(tokenizer), CloneOptions(OptimizerConfig(epochs=1), windows=(6,))
        error = clone_behaviour(model, data, options, run.work / "cloned", run)
        results.append((error, [weight.tolist() for weight in model.parameters()]))
    assert results[0] == results[1]


def test_in_another_process_a_run_prints_lines_alone(make_run, tmp_path) -> None:
    run = make_run(tmp_path, Console(file=io.StringIO(), force_terminal=True))
    copy = pickle.loads(pickle.dumps(run))
    assert (copy.work, copy.cache, copy.device) == (run.work, run.cache, run.device)
    assert not copy.console.is_terminal
