"""Laws of a suite beside flags: a flag replaces the suite's key, and the results say so."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError
from sim.evaluate.options import make_parser, make_request
from sim.evaluate.suites.applied_suite import apply_suite
from sim.evaluate.suites.suite_file import read_suite

SUITE = """\
policies: [zero, straight]
scenarios: [corridor]
perturbations: [lighting=2, layout=1]
episodes: 3
seed: 9901
offline: false
"""


def apply(tmp_path, *flags, text=SUITE):
    (tmp_path / "mine.yaml").write_text(text)
    return apply_suite(make_parser, ["--suite", str(tmp_path / "mine.yaml"), *flags])


def request(tmp_path, *flags, text=SUITE):
    options, suite = apply(tmp_path, *flags, text=text)
    return make_request(options, [], suite)


def test_a_suite_says_what_flags_would(tmp_path):
    flags = "--policy zero,straight --scenario corridor --perturb lighting=2 --perturb layout=1 --episodes 3"
    options, suite = apply_suite(make_parser, [*flags.split(), "--seed", "9901", "--no-offline"])
    typed, given = make_request(options, [], suite), request(tmp_path)
    assert (typed.plan, typed.settings, typed.offline) == (given.plan, given.settings, given.offline)
    assert typed.suite.hash == given.suite.hash
    assert (typed.suite.name, given.suite.name) == ("", "mine")


@pytest.mark.parametrize(
    ("flags", "changed"),
    [
        ([], ()),
        (["--episodes", "5"], ("episodes",)),
        (["--seed", "9901"], ("seed",)),
        (["--perturb", "layout=2", "--policy", "zero"], ("policies", "perturbations")),
        (["--workers", "2", "--video", "all"], ()),
        (["--latency", "0.1"], ("latency",)),
    ],
)
def test_a_flag_replaces_the_suite_s_key_and_the_results_name_it(tmp_path, flags, changed):
    options, suite = apply(tmp_path, *flags)
    assert suite.changed == changed
    assert options.scenario == ("corridor",)
    assert options.perturb == (["layout=2"] if "--perturb" in flags else ["lighting=2", "layout=1"])


def test_data_for_the_offline_error_replaces_a_suite_without_one_and_the_reverse(tmp_path):
    options, suite = apply(tmp_path, "--dataset", str(tmp_path))
    assert (options.no_offline, suite.changed) == (False, ("offline", "dataset"))
    with_data = SUITE.replace("offline: false", f"dataset: {tmp_path}")
    options, suite = apply(tmp_path, "--no-offline", text=with_data)
    assert (options.dataset, options.no_offline, suite.changed) == (None, True, ("offline", "dataset"))


def test_without_a_suite_policy_and_scenario_are_required():
    with pytest.raises(InputError, match="required: --policy, --scenario; or a --suite"):
        apply_suite(make_parser, [])


def test_a_suite_without_policies_is_for_any_and_is_not_changed_by_one(tmp_path):
    conditions = SUITE.replace("policies: [zero, straight]\n", "")
    first, second = (request(tmp_path, "--policy", name, text=conditions).suite for name in ("zero", "straight"))
    assert first.changed == ()
    assert first.conditions == second.conditions
    assert first.hash != second.hash
    with pytest.raises(InputError, match="required: --policy;"):
        apply(tmp_path, text=conditions)


def test_the_file_that_a_run_writes_asks_for_the_same_run(tmp_path):
    first = request(tmp_path)
    again = request(tmp_path, text=first.suite_text)
    assert again.plan == first.plan
    assert again.suite == first.suite


def test_a_changed_suite_loses_its_name_in_the_file_that_the_run_writes(tmp_path):
    first = request(tmp_path, "--episodes", "5")
    assert first.suite.describe().startswith("mine, with other episodes, ")
    written = read_suite(first.suite_text, "runs/x/suite.yaml", make_parser())
    assert written.name == ""
    assert written.options["episodes"] == 5


def test_perturbations_that_no_scenario_supports_do_not_keep_a_written_suite_from_being_read(tmp_path):
    first = request(tmp_path, "--perturb", "all=2")
    assert request(tmp_path, text=first.suite_text).plan == first.plan
