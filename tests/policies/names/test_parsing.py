from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.names.parsing import _natural_order, parse_policies, parse_policy, pin_policies
from policies.systems.table import PUBLISHED
from scenarios.common.errors import InputError


def labels(*texts: str) -> list[str]:
    return [each.label for each in parse_policies(texts)]


def test_published_stands_for_all_published_systems_each_once() -> None:
    others = [name for name in PUBLISHED if name != "hybrid"]
    assert labels("zero", "hybrid", "published", "zero") == ["zero", "hybrid", *others]


@given(st.lists(st.integers(0, 2000), min_size=2, unique=True))
def test_checkpoints_are_in_the_order_of_their_numbers(numbers) -> None:
    names = [f"runs/a/checkpoint-{number}" for number in numbers]
    assert sorted(names, key=_natural_order) == [f"runs/a/checkpoint-{number}" for number in sorted(numbers)]


def test_a_folder_with_a_star_in_its_name_is_no_pattern(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a[1]").mkdir()
    (tmp_path / "a[1]/config.json").write_text('{"model_type": "plans"}')
    assert labels("a[1]") == ["a[1]"]


def test_a_pattern_that_matches_too_much_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("policies.names.parsing.LARGEST_GLOB", 1)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="matches 2 files and folders: at most 1 are allowed"):
        labels(f"{tmp_path}/*")


def test_a_label_may_contain_the_letters_of_a_checkpoint_but_no_slash_or_colon() -> None:
    assert labels("step-1000.best+ema=zero") == ["step-1000.best+ema"]
    for typed in ("a/b=zero", "a:b=zero"):
        with pytest.raises(InputError):
            labels(typed)


def test_arguments_for_all_go_to_those_that_take_some(tmp_path) -> None:
    (tmp_path / "mine.py").write_text("class A: ...\nclass B: ...\n")
    texts = (f"a={tmp_path}/mine.py:A", f"b={tmp_path}/mine.py:B", "zero")
    found = parse_policies(texts, ['{"k": 1}', 'b={"k": 2}'])
    given = [None if each.arguments is None else each.arguments.node.plain() for each in found]
    assert given == [{"k": 1}, {"k": 2}, None]


def test_pickles_are_trusted_only_where_a_file_may_hold_some(tmp_path) -> None:
    (tmp_path / "ppo.zip").write_bytes(b"")
    (reference,) = parse_policies((f"{tmp_path}/ppo.zip",), trust_pickle=True)
    assert reference.trust_pickle
    with pytest.raises(InputError, match="--trust-pickle is for a zip"):
        parse_policies(("zero",), trust_pickle=True)


def test_what_can_not_change_is_pinned_to_itself() -> None:
    references = parse_policies(("zero", "a=expert"))
    assert pin_policies(references) == references


def test_one_policy_is_parsed_with_its_label() -> None:
    assert (parse_policy("a=zero").label, parse_policy("a=zero").target) == ("a", "zero")
