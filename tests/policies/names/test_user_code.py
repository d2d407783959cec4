from __future__ import annotations

from dataclasses import dataclass

import pytest

from policies.names.reference import PolicyReference
from policies.names.user_code import check_keywords, check_user_code, declare_spec, make_user_policy
from policies.policy import PolicySpec
from policies.specs.spec_file import default_spec
from scenarios.common.errors import InputError

SPEC_NAMES = "import numpy\nSPEC = {}\nclass Drive:\n    def act(self, batch): ...\n\ndef _helper(): ...\n"
BODY = """
    def reset(self, slots, instructions): ...
    def act(self, batch): ...
"""


def reference(path, name: str) -> PolicyReference:
    return PolicyReference(name, f"{path}:{name}")


def test_a_name_is_found_without_running_the_file_however_it_is_defined(tmp_path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("raise SystemExit\nif True:\n    class A: ...\nB = A\nfrom x import C as D\ndef e(): ...\n")
    for name in ("A", "B", "D", "e"):
        check_user_code(reference(file, name))
    with pytest.raises(InputError, match=r"unknown name in .*'C'"):
        check_user_code(reference(file, "C"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SPEC_NAMES, r"unknown name in .*'Drvie': did you mean 'Drive'\? known are Drive$"),
        ("SPEC = {}\n", "defines no class and no function: write 'Drvie' there"),
        ("def f(:\n", "mine.py, line 1: invalid syntax"),
        ("\0", "mine.py: source code"),
    ],
)
def test_a_file_without_the_name_is_one_sentence_that_offers_its_classes_and_functions(
    text, sentence, tmp_path
) -> None:
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(InputError, match=sentence):
        check_user_code(reference(tmp_path / "mine.py", "Drvie"))


def test_the_running_program_is_a_module_like_others() -> None:
    check_user_code(PolicyReference("a", "__main__:Anything"))


@pytest.mark.parametrize("text", ["from x import *\n", "def __getattr__(name): ...\n"])
def test_a_file_that_may_define_any_name_is_not_judged_before_it_runs(text, tmp_path) -> None:
    (tmp_path / "mine.py").write_text(text)
    check_user_code(reference(tmp_path / "mine.py", "Anything"))


@pytest.mark.parametrize("content", [b"class A(:\n", b"\x00", b"x = '\xff'\n"])
def test_a_file_that_is_not_python_is_one_sentence(content, tmp_path) -> None:
    (tmp_path / "mine.py").write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.py"):
        check_user_code(reference(tmp_path / "mine.py", "A"))


def some(gain: float, *rest: int, bias: float = 0.0) -> None: ...
def any_keywords(gain: float, **more: float) -> None: ...


@pytest.mark.parametrize(
    ("maker", "arguments"),
    [(some, {"gain": 1}), (some, {"gain": 1, "bias": 2}), (any_keywords, {"gain": 1, "x": 2}), (int, {})],
)
def test_keywords_that_fit_pass(maker, arguments) -> None:
    check_keywords(maker, arguments, "mine")


@pytest.mark.parametrize(
    ("maker", "arguments", "sentence"),
    [
        (some, {"gian": 1}, "unknown argument 'gian': did you mean 'gain'"),
        (some, {"rest": [1], "gain": 1}, "unknown argument 'rest'"),
        (some, {"bias": 1}, """give it by --policy-args '{"bias": 1, "gain": "…"}'"""),
        (lambda: None, {"gain": 1}, "takes no arguments, and --policy-args gives 'gain'"),
    ],
)
def test_keywords_that_do_not_fit_are_one_sentence(maker, arguments, sentence) -> None:
    with pytest.raises(InputError) as caught:
        check_keywords(maker, arguments, "mine")
    assert sentence in str(caught.value)


def test_a_dictionary_becomes_the_spec_that_it_describes(tmp_path) -> None:
    spec = {"name": "own", "image_size": [8, 8], "period_s": 0.2, "hold_action": [0, 0, 0]}
    (tmp_path / "mine.py").write_text(f"class Mine:\n    spec = {spec}\n{BODY}")
    expected = PolicySpec("own", (8, 8), 0.2, (0.0, 0.0, 0.0))
    assert make_user_policy(reference(tmp_path / "mine.py", "Mine")).spec == expected


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("{'image_size': None, 'period_s': 0.1}", "the spec of policy 'Mine': 'hold_action' is missing"),
        ("{1: 2}", "keys must be text, not 1"),
        ("property(lambda self: 1 / 0)", "its spec can't be read: ZeroDivisionError"),
    ],
)
def test_a_spec_that_is_none_is_one_sentence(spec, sentence, tmp_path) -> None:
    (tmp_path / "mine.py").write_text(f"class Mine:\n    spec = {spec}\n{BODY}")
    with pytest.raises(InputError, match=sentence):
        make_user_policy(reference(tmp_path / "mine.py", "Mine"))


def test_a_policy_that_does_not_let_its_spec_be_set_is_told_to_declare_it() -> None:
    @dataclass(frozen=True)
    class Frozen:
        spec: PolicySpec

    with pytest.raises(InputError, match="doesn't let it be set: declare it there"):
        declare_spec(Frozen(default_spec("a")), default_spec("b"), "mine")  # type: ignore[arg-type]
