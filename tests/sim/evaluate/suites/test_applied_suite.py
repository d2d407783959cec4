"""Laws of a suite beside flags: a flag replaces the suite's key, and the results say so."""

from __future__ import annotations

import pytest

from policies.host.hosting import Hosting
from policies.registry import make_policy
from scenarios.common.errors import InputError
from sim.evaluate.options import make_parser, make_request
from sim.evaluate.suites.applied_suite import apply_suite, describe_options
from sim.evaluate.suites.suite_file import read_suite
from sim.results.plan import SuiteFacts

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


OWN = """\
policies: [a=own.py:Own, b=own.py:Own, zero]
policy_args:
  - 'a={"k": 1}'
  - 'b={"k": 2}'
scenarios: [corridor]
episodes: 1
offline: false
"""
TRUSTED = ("--trust-code",)


@pytest.fixture
def with_code(tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text("class Own:\n    def __init__(self, k): ...\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("policies", "kept", "given"),
    [
        ("hybrid", [], []),
        ("b=own.py:Own", ['b={"k": 2}'], [{"k": 2}]),
        ("c=own.py:Own,a=own.py:Own", ['a={"k": 1}'], [None, {"k": 1}]),
    ],
)
def test_policies_that_replace_the_suite_s_leave_the_arguments_of_others_out(with_code, policies, kept, given):
    options, suite = apply(with_code, "--policy", policies, *TRUSTED, text=OWN)
    assert list(map(str, options.policy_args or ())) == kept
    assert suite.changed == ("policies",)
    references = make_request(options, [], suite).settings.policies
    found = [None if each.arguments is None else each.arguments.node.plain() for each in references]
    assert [each for each in found if each or given] == given
    assert suite.entries.get("policy_args", ()) == tuple(kept)


@pytest.mark.parametrize(("policies", "kept"), [("hybrid", None), ("c=own.py:Own", ['{"k": 3}'])])
def test_arguments_for_all_are_for_those_that_replace_the_suite_s_if_they_take_any(with_code, policies, kept):
    text = OWN.replace("  - 'a={\"k\": 1}'\n  - 'b={\"k\": 2}'\n", "  - '{\"k\": 3}'\n")
    options, _ = apply(with_code, "--policy", policies, *TRUSTED, text=text)
    assert (options.policy_args and list(map(str, options.policy_args))) == kept


def test_a_misspelt_policy_beside_a_suite_with_arguments_is_told_itself(with_code):
    with pytest.raises(InputError, match=r"^unknown policy 'hybrd': did you mean 'hybrid'"):
        apply(with_code, "--policy", "hybrd", *TRUSTED, text=OWN)


def test_arguments_that_are_typed_replace_the_suite_s(with_code):
    options, suite = apply(with_code, "--policy-args", 'b={"k": 5}', *TRUSTED, text=OWN)
    assert options.policy_args == ['b={"k": 5}']
    assert suite.changed == ("policy_args",)


def test_arguments_in_a_suite_without_policies_have_their_line_too(with_code):
    text = OWN.replace("policies: [a=own.py:Own, b=own.py:Own, zero]\n", "")
    with pytest.raises(InputError, match=r"mine.yaml, line 3: policy_args 'b=.*': unknown label 'b': known are a"):
        request(with_code, "--policy", "a=own.py:Own", *TRUSTED, text=text)


def test_a_policy_that_can_not_be_made_names_the_line_of_its_arguments(with_code):
    settings = request(with_code, *TRUSTED, text=OWN.replace('"k": 1', '"kk": 1')).settings
    for hosting in (None, Hosting()):
        with pytest.raises(InputError, match=r"'kk'.*; its arguments are in .*mine.yaml, line 3"):
            make_policy(settings.policies[0], hosting=hosting)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--policy", "zero"], "RUN/suite.yaml"),
        (["--policy", "a=own.py:Own"], "RUN/suite.yaml --trust-code"),
        (["--policy", "zero", "--metric", "json:loads"], "RUN/suite.yaml --trust-code"),
        (["--policy", "lerobot:runs/act", "--policy-python", "python3"], "RUN/suite.yaml --policy-python python3"),
    ],
)
def test_the_command_in_a_written_suite_has_the_flags_that_a_file_can_not_ask_for(with_code, flags, words):
    parser = make_parser()
    options = parser.parse_args([*flags, "--scenario", "corridor"])
    text = describe_options(options, parser.parse_args([])).format(SuiteFacts("a1", "b2"))
    (command,) = [line for line in text.splitlines() if "python -m" in line]
    assert command == f"#   python -m sim.evaluate --suite {words}"


def test_a_written_suite_of_code_can_be_repeated_by_the_command_in_it(with_code):
    first = request(with_code, *TRUSTED, text=OWN)
    (with_code / "suite.yaml").write_text(first.suite_text)
    (command,) = [line for line in first.suite_text.splitlines() if "python -m" in line]
    words = command.replace("RUN/", "").split()[4:]
    again = make_request(*swapped(apply_suite(make_parser, words)))
    assert again.plan == first.plan
    assert again.settings.policies == first.settings.policies


def swapped(applied):
    options, suite = applied
    return options, [], suite


@pytest.mark.parametrize(("flags", "summary"), [([], "dim light: slow"), (["--episodes", "5"], "")])
def test_a_written_suite_keeps_the_summary_of_the_suite_that_it_still_is(tmp_path, flags, summary):
    first = request(tmp_path, *flags, text=SUITE + "summary: 'dim light: slow'\n")
    assert read_suite(first.suite_text, "runs/x/suite.yaml", make_parser()).summary == summary
    assert ("summary" in first.suite_text) == bool(summary)
