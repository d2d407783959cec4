from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from policies.registry import make_policy
from policies.train.population.copies import add_noise, make_copy
from policies.train.population.training import find_checkpoint_folder
from policies.train.population.units.plan import plan_units
from scenarios.common.errors import InputError

UNITS = {unit.name: unit for unit in plan_units()}


@pytest.fixture
def population(systems, checkpoint, tmp_path):
    """Trained units, all tiny."""
    for name in ("enhanced-norm-1000", "mobile-vla-1000", "backbones"):
        shutil.copytree(systems / name.removesuffix("-1000"), tmp_path / "out" / name)
    shutil.copytree(checkpoint, tmp_path / "out" / "hybrid-1000")
    return tmp_path / "out"


def drive(policy, frames) -> np.ndarray:
    policy.reset(range(4), ["go to the red ball"] * 4)
    return policy.act(frames(0, 4))


def test_more_noise_moves_the_matrices_farther_and_nothing_else(population) -> None:
    path, moved = population / "enhanced-norm-1000", []
    before = load_file(path / "model.safetensors")
    for level in (0.05, 0.2):
        copy = population / f"noise-{level}"
        shutil.copytree(path, copy)
        add_noise(copy, level, np.random.default_rng(0))
        after = load_file(copy / "model.safetensors")
        assert {name for name in before if not torch.equal(before[name], after[name])} == {
            name for name, value in before.items() if value.ndim > 1
        }
        name = "head.memory.weight_ih_l0"
        moved.append(float((after[name].float() - before[name].float()).std() / before[name].float().std()))
    assert moved == pytest.approx([0.05, 0.2], rel=0.1)


@pytest.mark.parametrize("suffix", ["noise-0.1", "half-resolution", "no-instruction"])
def test_a_degraded_copy_drives_and_answers_otherwise_than_its_parent(suffix, population, recipe_run, frames) -> None:
    unit = UNITS[f"enhanced-norm-1000-{suffix}"]
    make_copy(unit, population, recipe_run)
    policies = [make_policy(str(population / name)) for name in (unit.name, "enhanced-norm-1000")]
    assert not np.array_equal(*(drive(policy, frames) for policy in policies))
    assert policies[0].weights_sha256 != policies[1].weights_sha256


def test_equal_copies_are_made_again(population, recipe_run) -> None:
    unit, found = UNITS["enhanced-norm-1000-noise-0.1"], []
    for _ in range(2):
        make_copy(unit, population, recipe_run)
        found.append((population / unit.name / "model.safetensors").read_bytes())
        shutil.rmtree(population / unit.name)
    assert found[0] == found[1]


def test_an_ensemble_drives(population, recipe_run, frames) -> None:
    unit = UNITS["ensemble-lstm-1000"]
    make_copy(unit, population, recipe_run)
    policy = make_policy(str(population / unit.name))
    members = [drive(make_policy(str(population / name)), frames) for name in unit.parents]
    assert np.allclose(drive(policy, frames), 0.7 * members[0] + 0.3 * members[1], atol=1e-6)


def test_an_export_answers_as_its_parent(population, recipe_run, frames) -> None:
    unit = UNITS["hybrid-1000-onnx"]
    make_copy(unit, population, recipe_run)
    answers = [drive(make_policy(str(population / name)), frames) for name in (unit.policy, unit.parents[0])]
    assert np.allclose(*answers, atol=2e-2)


def test_a_compiled_unit_is_its_parent(population, recipe_run) -> None:
    make_copy(UNITS["hybrid-1000-compiled"], population, recipe_run)
    assert not (population / "hybrid-1000-compiled").exists()
    assert (population / UNITS["hybrid-1000-compiled"].policy).is_dir()


def test_a_checkpoint_is_what_the_training_left(population, recipe_run) -> None:
    unit = UNITS["hybrid-1000-cloned"]
    with pytest.raises(InputError, match="to train it again"):
        make_copy(unit, population, recipe_run)
    shutil.copytree(population / "hybrid-1000", find_checkpoint_folder(unit, recipe_run))
    (recipe_run.work / "cloned" / "state.pt").write_text("resume")
    make_copy(unit, population, recipe_run)
    kept = {path.name for path in (population / unit.name).iterdir()}
    assert {"config.json", "model.safetensors"} <= kept
    assert "state.pt" not in kept
