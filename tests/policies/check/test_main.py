"""The command prints a table or JSON, and its exit code says whether anything is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policies.check.__main__ import main
from scenarios.common.errors import InputError

FAULTY = str(Path(__file__).parent / "faulty_policies.py")


def test_a_sound_policy_leaves_with_0_and_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"{FAULTY}:Sound"]) == 0
    printed = capsys.readouterr().out
    assert "batch size" in printed
    assert printed.splitlines()[-1] == f"{FAULTY}:Sound: 0 faults and 0 notes in 21 checks"


def test_json_has_every_finding_and_a_fault_leaves_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"{FAULTY}:DependsOnPlace", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["schema"] == 1
    assert not report["is_clean"]
    assert {each["check"]: each["verdict"] for each in report["findings"]}["place"] == "fault"


def test_what_a_policy_prints_stays_out_of_the_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "chatty.py").write_text(
        "from policies.scripted.baselines import ConstantPolicy\n"
        "class Chatty(ConstantPolicy):\n"
        "    def __init__(self): super().__init__('chatty', (1.0, 0.0, 0.0))\n"
        "    def reset(self, slots, instructions): print('starting')\n"
    )
    assert main([f"{tmp_path}/chatty.py:Chatty", "--json"]) == 0
    json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["exprt"], "did you mean 'expert'"),
        (["zero", "--dataset", "nowhere"], "no such folder"),
        (["zero", "--mapping", "file.yaml"], "--dataset"),
        ([], "POLICY"),
    ],
)
def test_bad_input_is_one_sentence(arguments: list[str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        main(arguments)
