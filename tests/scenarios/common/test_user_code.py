"""What a user's own code defines is loaded by its place; whatever is wrong with it is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from scenarios.common.user_code import describe_failure, is_code_reference, load_object, source_file


@pytest.mark.parametrize("text", ["mine.py:Policy", "a/b/mine.py:make", "package.module:Policy", "module:NAME"])
def test_files_and_modules_with_a_name_are_references(text: str) -> None:
    assert is_code_reference(text)


@pytest.mark.parametrize("text", ["hybrid", "mine.py", "mine.py:", ":Policy", "a b:Policy", "runs/x", "module:1x", ""])
def test_everything_else_is_none(text: str) -> None:
    assert not is_code_reference(text)


def test_only_a_file_has_a_source_file() -> None:
    assert source_file("a/mine.py:Policy") == Path("a/mine.py")
    assert source_file("module:Policy") is None
    assert source_file("hybrid") is None


def test_a_file_is_run_once_and_can_import_what_lies_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "helper_of_mine.py").write_text("VALUE = 41\n")
    (tmp_path / "mine.py").write_text("from helper_of_mine import VALUE\nCOUNTED = [VALUE + 1]\n")
    first = load_object(f"{tmp_path}/mine.py:COUNTED", "policy")
    assert first == [42]
    assert load_object(f"{tmp_path}/mine.py:COUNTED", "policy") is first


def test_files_of_one_name_in_two_folders_are_two_modules(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "mine.py").write_text(f"VALUE = {number}\n")
    assert [load_object(f"{tmp_path}/{number}/mine.py:VALUE", "policy") for number in (1, 2)] == [1, 2]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import no_such_module_here\n", "No module named 'no_such_module_here' (mine.py, line 1)"),
        ("\nVALUE = 1 / 0\n", "ZeroDivisionError: division by zero (mine.py, line 2)"),
        ("def broken(:\n", "SyntaxError"),
        ("valu = 1\n", "did you mean 'valu'?"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(code: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(code)
    with pytest.raises(InputError) as caught:
        load_object(f"{tmp_path}/mine.py:value", "policy")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_failed_can_be_mended_and_loaded(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("VALUE = 1 / 0\n")
    with pytest.raises(InputError):
        load_object(f"{tmp_path}/mine.py:VALUE", "policy")
    (tmp_path / "mine.py").write_text("VALUE = 3\n\n")
    assert load_object(f"{tmp_path}/mine.py:VALUE", "policy") == 3


def test_a_missing_file_and_a_missing_module_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        load_object(f"{tmp_path}/none.py:VALUE", "policy")
    with pytest.raises(InputError, match="No module named 'no_such_module_here'"):
        load_object("no_such_module_here:VALUE", "scenario")


def test_a_failure_without_a_message_is_its_type() -> None:
    assert describe_failure(ValueError()) == "ValueError"
