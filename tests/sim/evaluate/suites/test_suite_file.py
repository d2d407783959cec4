"""Laws of suite files: what they say, where a mistake is, and that no code in one runs."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError
from scenarios.registry import SCENARIOS
from sim.evaluate.options import make_parser
from sim.evaluate.suites.suite_file import format_suite, load_suite, read_suite, shipped_suites

PARSER = make_parser()
SMALL = "policies: [zero]\nscenarios: [corridor]\n"


def test_the_shipped_suites_are_these():
    assert shipped_suites() == ("population", "population-disturbed", "published", "smoke")


@pytest.mark.parametrize("name", shipped_suites())
def test_a_shipped_suite_can_be_read_and_has_the_name_of_its_file(name):
    assert load_suite(name, PARSER).name == name


def test_published_is_all_systems_in_all_families_under_all_disturbances():
    options = load_suite("published", PARSER).options
    assert options["policy"] == ("published", "expert")
    assert options["scenario"] == ("all",)
    assert options["perturb"] == ["all=2"]


def test_values_are_what_their_flags_make_of_them():
    text = SMALL + "episodes: 7\nlatency: 0.2\noffline: false\nperturbations: ['lighting=2,layout=1', all=1]\n"
    options = read_suite(text, "my.yaml", PARSER).options
    assert options == {
        "policy": ("zero",),
        "scenario": ("corridor",),
        "episodes": 7,
        "latency": 0.2,
        "no_offline": True,
        "perturb": ["lighting=2,layout=1", "all=1"],
    }


def test_offline_true_asks_for_what_is_usual():
    assert read_suite(SMALL + "offline: true\n", "my.yaml", PARSER).options["no_offline"] is False


def test_a_suite_may_leave_the_policies_to_the_command_line():
    assert "policy" not in read_suite("scenarios: corridor\n", "my.yaml", PARSER).options


def test_one_value_may_stand_without_a_list():
    one = read_suite("policies: zero\nscenarios: corridor\nperturbations: lighting=1\n", "my.yaml", PARSER)
    assert (one.options["policy"], one.options["perturb"]) == (("zero",), ["lighting=1"])


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [("my.yaml", SMALL, "my"), ("my.yaml", SMALL + "name: own\n", "own"), ("runs/a/suite.yaml", SMALL, "")],
)
def test_a_suite_has_the_name_in_its_file_else_that_of_its_file_but_what_a_run_wrote_has_none(file, text, name):
    assert read_suite(text, file, PARSER).name == name


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        (SMALL + "episode: 3\n", "line 3", "did you mean 'episodes'?"),
        (SMALL + "episodes: many\n", "line 3", "'episodes': 'many' is not a whole number"),
        (SMALL + "episodes: 0\n", "line 3", "it must be between 1 and"),
        (SMALL + "episodes: [1, 2]\n", "line 3", "'episodes' must be one value"),
        (SMALL + "seed: -1\n", "line 3", "out of range"),
        (SMALL + "offline: maybe\n", "line 3", "'offline' must be true or false, not 'maybe'"),
        (SMALL + "renderer: gll\n", "line 3", "did you mean 'gl'?"),
        (SMALL + "perturbations:\n  - lighting=2\n  - ligthing=2\n", "line 5", "did you mean 'lighting'?"),
        (SMALL + "perturbations: []\n", "line 3", "empty list"),
        (SMALL + "name: a b\n", "line 3", "not a valid suite name"),
        (SMALL + "policy_args: ['{}']\n", "line 3", "policy_args is for classes of your own and ONNX files"),
        ("policies: [a=zero,\n a=park]\nscenarios: all\n", "line 1", "two policies have the label 'a'"),
        (SMALL + "video: [{a: 1}]\n", "line 3", "'video' must be one value"),
        ("policies:\n- zero\n- hybird\nscenarios: all\n", "line 3", "did you mean 'hybrid'?"),
        ("policies: zero\nscenarios: [corridr]\n", "line 2", "did you mean 'corridor'?"),
        ("policies: zero\nscenarios:\n", "line 2", "'scenarios' must be a list of words"),
        ("policies: zero\n", "line 1", "'scenarios' is missing"),
        ("", "line 1", "the file is empty"),
        ("- zero\n", "line 1", "a suite file must be lines of 'key: value'"),
        (SMALL + "seed: 1\nseed: 2\n", "line 4", "'seed' appears twice"),
        (SMALL + "name: !!python/object:os.system x\n", "line 3", "tags"),
        (SMALL + "name: " + "[" * 200 + "\n", "line 3", "nested too deeply"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line_and_what_was_probably_meant(text, where, said):
    with pytest.raises(InputError) as failure:
        read_suite(text, "my.yaml", PARSER)
    assert str(failure.value).startswith(f"my.yaml, {where}: ")
    assert said in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("arguments", "line", "said"),
    [
        ("['b={}']", 3, "policy_args 'b={}': unknown label 'b': known are a, zero"),
        ("\n- 'a={}'\n- 'a={'", 5, "policy_args: not valid JSON"),
        ("\n- 'a={}'\n- 'a={\"k\": 1}'", 5, "policy_args is given twice for 'a': give it once"),
        ("\n- '{}'\n- '{\"k\": 1}'", 5, "policy_args is given twice for all policies"),
        ("'a=none.yaml'", 3, "policy_args 'none.yaml': give JSON"),
        ("'zero={}'", 3, "policy_args: policy 'zero' is a shipped policy, and takes no arguments: omit them"),
    ],
)
def test_a_mistake_in_the_arguments_of_a_policy_has_its_line_and_names_no_flag(arguments, line, said):
    text = f"policies: [a=ws://localhost:80, zero]\nscenarios: all\npolicy_args: {arguments}\n"
    with pytest.raises(InputError) as failure:
        read_suite(text, "my.yaml", PARSER)
    assert str(failure.value).startswith(f"my.yaml, line {line}: {said}")
    assert "--policy-args" not in str(failure.value)


@pytest.mark.parametrize("line", ["policies: [a=my.py:Own]", "policies: [my.py:Own]", "policies: [json:loads]"])
def test_python_code_in_a_suite_runs_only_where_that_is_asked_for(line):
    with pytest.raises(InputError, match=r"line 1: .* is Python code.*--trust-code"):
        read_suite(f"{line}\nscenarios: corridor\n", "my.yaml", PARSER)


def test_a_family_of_ones_own_code_is_not_loaded_before_it_is_trusted(tmp_path):
    file = tmp_path / "own.py"
    file.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nfrom scenarios.registry import SCENARIOS\nNAME = 1\n")
    text = f"policies: zero\nscenarios: ['{file}:NAME']\n"
    with pytest.raises(InputError, match="--trust-code"):
        read_suite(text, "my.yaml", PARSER)
    assert not (tmp_path / "ran").exists()
    with pytest.raises(InputError, match="is a int, not a"):
        read_suite(text, "my.yaml", PARSER, trust_code=True)
    assert (tmp_path / "ran").exists()


def test_a_suite_that_does_not_exist_is_named_with_those_that_do(tmp_path):
    with pytest.raises(InputError, match="unknown suite 'smok': did you mean 'smoke'"):
        load_suite("smok", PARSER)
    with pytest.raises(InputError, match="there is no such file"):
        load_suite(str(tmp_path / "no.yaml"), PARSER)


def test_a_file_of_many_megabytes_is_not_a_suite(tmp_path):
    (tmp_path / "big.yaml").write_text(SMALL + "# " + "x" * 2**21)
    with pytest.raises(InputError, match="larger than 1 MiB"):
        load_suite(str(tmp_path / "big.yaml"), PARSER)


def test_what_is_written_reads_back():
    entries = {
        "policies": ("zero", "a=ws://localhost:80"),
        "scenarios": tuple(SCENARIOS),
        "perturbations": ("lighting=2,layout=1",),
        "policy_args": ('a={"k": "ü\\"#"}',),
        "episodes": ("3",),
        "offline": ("false",),
    }
    text = format_suite("mine", entries, "one\ntwo", 'light: "dim" # and more')
    assert text.startswith("# one\n# two\nname: mine\n")
    found = read_suite(text, "suite.yaml", PARSER)
    assert found.entries == entries
    assert (found.name, found.summary) == ("mine", 'light: "dim" # and more')
