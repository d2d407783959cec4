"""Laws of normalisers: values by hand, round trips, and no normaliser without its statistics."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.formats.normalisation import Normalisation, read_normalisation
from scenarios.common.errors import InputError

OPENPI = {"norm_stats": {"actions": {"mean": [1.0, 0.0], "std": [2.0, 0.5], "q01": [-1.0, 0.0], "q99": [3.0, 1.0]}}}
LEROBOT = {"action": {"mean": [1.0], "std": [2.0], "min": [0.0], "max": [4.0], "count": [9]}}


@pytest.mark.parametrize(
    ("kind", "first", "second", "value", "normalised"),
    [
        ("mean-std", 1.0, 2.0, 4.0, 1.5),
        ("mean-std", 1.0, 0.0, 4.0, 0.0),  # a constant column
        ("quantiles", -1.0, 3.0, 3.0, 1.0),
        ("quantiles", -1.0, 3.0, 0.0, -0.5),
        ("min-max", 2.0, 2.0, 7.0, 0.0),
    ],
)
def test_values_by_hand(kind, first, second, value, normalised):
    found = Normalisation(kind, (first,), (second,)).normalise(np.array([[value]]))
    assert found.tolist() == [[normalised]]
    assert found.dtype == np.float32


@given(
    st.sampled_from(["mean-std", "quantiles", "min-max"]),
    st.floats(-10, 10),
    st.floats(0.01, 10),
    st.floats(-20, 20),
)
def test_unnormalising_undoes_normalising(kind, low, width, value):
    second = width if kind == "mean-std" else low + width
    form = Normalisation(kind, (low,), (second,))
    found = form.unnormalise(form.normalise(np.array([value])))
    np.testing.assert_allclose(found, [value], atol=1e-4)


def test_files_of_openpi_and_lerobot_are_read(tmp_path):
    path = tmp_path / "norm_stats.json"
    path.write_text(json.dumps(OPENPI))
    assert read_normalisation(path, "actions", "quantiles") == Normalisation("quantiles", (-1.0, 0.0), (3.0, 1.0))
    path.write_text(json.dumps(LEROBOT))
    assert read_normalisation(path, "action", "min-max") == Normalisation("min-max", (0.0,), (4.0,))


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (json.dumps(LEROBOT), "quantiles", "has no 'q01' of 'action'"),
        (json.dumps({"observation.state": {}}), "mean-std", "known are observation.state"),
        (json.dumps({"action": {"mean": ["a"], "std": [1.0]}}), "mean-std", "must be a list of numbers"),
        (json.dumps({"action": {"mean": [1.0, 2.0], "std": [1.0]}}), "mean-std", "as many mean as std"),
        (json.dumps({"action": {"mean": [1.0], "std": [-1.0]}}), "mean-std", "std must not be negative"),
        (json.dumps({"action": {"min": [1.0], "max": [0.0]}}), "min-max", "max must not be below min"),
        ('{"action": {"mean": [NaN], "std": [1.0]}}', "mean-std", "must be finite"),
        ("[]", "mean-std", "must be a JSON object"),
        ("{", "mean-std", "isn't JSON"),
    ],
)
def test_missing_or_broken_statistics_are_refused(tmp_path, content, kind, words):
    path = tmp_path / "stats.json"
    path.write_text(content)
    with pytest.raises(InputError, match=words):
        read_normalisation(path, "action", kind)


def test_a_missing_file_is_refused_by_its_name(tmp_path):
    with pytest.raises(InputError, match=r"none\.json: can't be read"):
        read_normalisation(tmp_path / "none.json", "action", "mean-std")


def test_an_unknown_kind_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'mean-std'"):
        Normalisation("mean-sd", (0.0,), (1.0,))
