"""Laws of reading what units reached."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scenarios.common.errors import InputError
from sim.claims.published_claims import CLAIMS
from sim.claims.unit_results import UnitResults, find_missing_units, find_unit, read_unit_results
from sim.population.population import EpisodeValues, Population, Unit
from sim.population.tables import write_population
from sim.results.codec import to_json
from sim.results.summary.offline_score import OfflineScore

from .unit_runs import write_run


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("hybrid-1000", "hybrid-1000"),
        ("runs/population/hybrid-1000", "hybrid-1000"),
        ("runs/population/hybrid-1000-onnx/policy.onnx", "hybrid-1000-onnx"),
    ],
)
def test_a_label_means_the_unit_of_its_folder(label, unit):
    assert find_unit(label) == unit


def test_episodes_and_errors_are_read_by_unit(tmp_path):
    run = write_run(tmp_path / "a", {"x/u-1000": {0, 2}}, {"x/u-1000": [0.1, 0.3]}, {"x/u-1000": {1}}, episodes=3)
    found = read_unit_results([run])["u-1000"]
    assert found.success["corridor", "none"] == {0: True, 1: False, 2: True}
    assert found.success["corridor", "lighting=2"] == {0: False, 1: True, 2: False}
    assert found.episode_mae["corridor"] == {0: 0.1, 1: 0.3}


def test_several_runs_of_the_same_episodes_are_read_together(tmp_path):
    runs = [write_run(tmp_path / name, {f"u-{name}": {0}}) for name in ("1000", "1001")]
    assert set(read_unit_results(runs)) == {"u-1000", "u-1001"}


def test_a_unit_of_two_runs_has_the_results_of_both(tmp_path):
    scored = write_run(tmp_path / "a", {"u-1000": {0}}, {"u-1000": [0.1]})
    disturbed = write_run(tmp_path / "b", {"u-1000": {0}}, perturbed_wins={"u-1000": {1}})
    found = read_unit_results([scored, disturbed])["u-1000"]
    assert set(found.success) == {("corridor", "none"), ("corridor", "lighting=2")}
    assert found.episode_mae["corridor"] == {0: 0.1}


def test_runs_of_other_episodes_are_refused(tmp_path):
    runs = [write_run(tmp_path / name, {f"u-{name}": {0}}) for name in ("a", "b")]
    manifest = json.loads((runs[1] / "manifest.json").read_text())
    manifest["seeds"]["suite"] = 7
    (runs[1] / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"drove other episodes than the results before it .suite seed 7, not 0"):
        read_unit_results(runs)


def test_runs_are_compared_with_all_before_them(tmp_path):
    """Not only with the one before, which may have driven another scenario."""
    runs = [write_run(tmp_path / name, {f"u-{name}": {0}}) for name in ("a", "b", "c")]
    other, changed = (json.loads((run / "manifest.json").read_text()) for run in runs[1:])
    other["scenarios"]["doorway"] = other["scenarios"].pop("corridor")
    changed["scenarios"]["corridor"]["spec"] = "another"
    for run, manifest in zip(runs[1:], (other, changed), strict=True):
        (run / "manifest.json").write_text(json.dumps(manifest))
    read_unit_results(runs[:2])
    with pytest.raises(InputError, match=r"c' drove other episodes .* \(another 'corridor'\)"):
        read_unit_results(runs)


def test_two_policies_of_one_name_are_refused(tmp_path):
    run = write_run(tmp_path / "a", {"pop/u-1000": {0, 1, 2}, "pop/u-1000/policy.onnx": {0}})
    with pytest.raises(InputError, match=r"drove 'pop/u-1000' and 'pop/u-1000/policy.onnx', which both are the unit"):
        read_unit_results([run])


def test_of_many_files_of_errors_the_latest_counts(tmp_path):
    write_run(tmp_path / "population" / "u-1000", {"u-1000": {0}})
    (tmp_path / "metrics" / "u-1000").mkdir(parents=True)
    for number in range(1, 12):
        score = OfflineScore("u-1000", "corridor", "set", episode_mae=(number / 100,), episode_frames=(3,))
        (tmp_path / "metrics" / "u-1000" / f"{number}.json").write_text(json.dumps({"offline": to_json([score])}))
    assert read_unit_results([tmp_path])["u-1000"].episode_mae["corridor"] == {0: 0.11}


def test_a_folder_without_results_says_what_makes_them(tmp_path):
    with pytest.raises(InputError, match=r"policies.train population'.*sim.evaluate --policy"):
        read_unit_results([tmp_path])


def test_units_are_missing_only_if_no_pair_of_any_seed_is_there():
    claim = CLAIMS["resampler"]
    names = claim.pairs[0].names(1001)
    assert find_missing_units([claim], dict.fromkeys(names, UnitResults())) is None
    said = find_missing_units([claim], {names[0]: UnitResults()})
    assert said is not None
    assert "'enhanced-norm-1000' and 'enhanced-norm-no-resampler-1000', only enhanced-norm-1001: train it" in said


def test_runs_below_a_folder_and_errors_beside_them_are_read_together(tmp_path):
    write_run(tmp_path / "population" / "u-1000", {"u-1000": {0, 2}}, episodes=4)
    write_run(tmp_path / "disturbed" / "u-1000", {"u-1000": {0}}, perturbed_wins={"u-1000": {1}}, episodes=2)
    score = OfflineScore("u-1000", "corridor", "set", episode_mae=(0.1, 0.2), episode_frames=(3, 4))
    (tmp_path / "metrics" / "u-1000").mkdir(parents=True)
    (tmp_path / "metrics" / "u-1000" / "1.json").write_text(json.dumps({"offline": to_json([score])}))
    found = read_unit_results([tmp_path])["u-1000"]
    assert found.success["corridor", "none"] == {0: True, 1: False, 2: True, 3: False}  # equal cells join by episode
    assert found.success["corridor", "lighting=2"] == {0: False, 1: True}
    assert found.episode_mae["corridor"] == {0: 0.1, 1: 0.2}


def test_the_tables_of_a_population_are_results_as_well_and_later_runs_join_them(tmp_path):
    values = EpisodeValues(np.arange(3), np.array([1.0, 0.0, 1.0]))
    errors = {("mae", "corridor"): EpisodeValues(np.array([0, 1, 4]), np.array([0.1, 0.3, np.nan]))}
    units = [Unit(f"u-{seed}", "u", "u", seed, 1, {("corridor", "none"): values}, errors) for seed in (1000, 1001)]
    write_population(tmp_path, Population(tuple(units), {"mae": "smaller"}))
    write_run(tmp_path / "disturbed" / "u-1000", {"u-1000": {0}}, perturbed_wins={"u-1000": {1}}, episodes=2)
    found = read_unit_results([tmp_path])
    assert found["u-1001"].success == {("corridor", "none"): {0: True, 1: False, 2: True}}
    assert found["u-1000"].success["corridor", "none"] == {0: True, 1: False, 2: True}
    assert found["u-1000"].success["corridor", "lighting=2"] == {0: False, 1: True}
    assert found["u-1000"].episode_mae["corridor"] == {0: 0.1, 1: 0.3}
