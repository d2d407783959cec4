"""Laws of a suite's hash: equal for equal questions, whatever they are called or run on."""

from __future__ import annotations

import pytest

from sim.evaluate.options import make_parser, make_request

BASE = ["--policy", "zero,straight", "--scenario", "corridor", "--no-offline", "--episodes", "3"]


def hash_of(*flags):
    return make_request(make_parser().parse_args([*BASE, *flags]), []).suite.hash


@pytest.mark.parametrize("flags", [["--workers", "7"], ["--video", "all"], ["--seed", "0"], ["--latency", "0"]])
def test_how_a_run_is_done_and_what_is_usual_anyway_change_no_hash(flags):
    assert hash_of(*flags) == hash_of()


@pytest.mark.parametrize(
    "flags",
    [
        *(["--policy", "straight,zero"], ["--scenario", "clutter"], ["--perturb", "layout=1"], ["--episodes", "4"]),
        *(["--seed", "1"], ["--latency", "0.1"], ["--renderer", "tiny"], ["--precision", "bf16"], ["--replan", "2"]),
        *(["--policy-timeout", "5"], ["--policy", "a=zero,straight"], ["--probe", "language", "--scenario", "rooms"]),
    ],
)
def test_what_changes_an_episode_changes_the_hash(flags):
    assert hash_of(*flags) != hash_of()


def test_the_offline_error_is_part_of_the_hash(tmp_path):
    with_it = make_request(make_parser().parse_args([flag for flag in BASE if flag != "--no-offline"]), [])
    assert with_it.suite.hash != hash_of()


def test_a_scenario_file_counts_by_what_it_says_not_by_where_it_is(tmp_path):
    found = []
    for name, width in (("a", 2.0), ("b", 2.0), ("c", 2.4)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "wide.yaml").write_text(f"family: corridor\nranges:\n  width: {width}\n")
        found.append(hash_of("--scenario", str(folder / "wide.yaml")))
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("flags", "same"),
    [
        (["--policy", "straight"], True),
        (["--precision", "bf16"], True),
        (["--seed", "1"], False),
        (["--perturb", "layout=1"], False),
        (["--renderer", "tiny"], False),
    ],
)
def test_conditions_are_equal_where_policies_meet_equal_episodes(flags, same):
    found = [make_request(make_parser().parse_args([*BASE, *more]), []).suite.conditions for more in ([], flags)]
    assert (found[0] == found[1]) is same
