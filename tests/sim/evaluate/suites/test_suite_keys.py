"""Laws of the keys of suite files."""

from __future__ import annotations

import pytest

from sim.evaluate.options import make_parser
from sim.evaluate.suites.suite_keys import SUITE_KEYS, collect_entries

KEPT_OUT = {  # how a run is done, and what a file may not ask for: running pickles, code or another Python
    *("suite", "trust_code", "trust_pickle", "policy_python", "workers", "executor", "out", "resume", "resume_anyway"),
    *("shard", "verify", "fail_under"),
    *("no_check", "version"),
}


def test_every_flag_is_a_key_or_is_kept_out_on_purpose():
    flags = set(vars(make_parser().parse_args([])))
    assert flags - {key.dest for key in SUITE_KEYS.values()} == KEPT_OUT


@pytest.mark.parametrize(
    ("key", "texts", "words"),
    [
        ("policies", ("zero", "expert"), ["--policy=zero,expert"]),
        ("perturbations", ("lighting=1", "all=2"), ["--perturb=lighting=1", "--perturb=all=2"]),
        ("episodes", ("3",), ["--episodes=3"]),
        ("offline", ("false",), ["--no-offline"]),
        ("offline", ("true",), []),
    ],
)
def test_a_key_stands_for_its_flag(key, texts, words):
    assert SUITE_KEYS[key].words(texts) == words


def test_what_is_typed_comes_back_as_entries_without_what_is_usual_anyway():
    words = ["--policy=zero", "--scenario=corridor", "--latency=0.25", "--no-offline", "--perturb=all=1", "--seed=0"]
    found = collect_entries(make_parser().parse_args(words), make_parser().parse_args([]))
    assert found == {
        "policies": ("zero",),
        "scenarios": ("corridor",),
        "perturbations": ("all=1",),
        "episodes": ("50",),
        "seed": ("0",),
        "latency": ("0.25",),
        "offline": ("false",),
    }


@pytest.mark.parametrize(("value", "text"), [(60.0, "60"), (0.25, "0.25"), (0.123456789, "0.123456789"), (7, "7")])
def test_a_number_keeps_all_its_digits(value, text):
    assert SUITE_KEYS["latency"].texts(value) == (text,)
