from __future__ import annotations

import pytest

from policies.train import main


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["hybird"], "did you mean 'hybrid'"),
        (["hybrid", "--datasets", "/nowhere/at/all"], "/nowhere/at/all"),
        (["hybrid", "--init", "somewhere"], "--datasets"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments, sentence, capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_an_out_that_is_a_file_is_bad_input(capsys, tmp_path) -> None:
    (tmp_path / "out").write_text("mine")
    assert main(["hybrid", "--out", str(tmp_path / "out")]) == 2
    assert "is a file" in capsys.readouterr().err


def test_an_earlier_run_is_not_overwritten_without_resume(capsys, tmp_path) -> None:
    (tmp_path / "pretrained").mkdir()
    assert main(["hybrid", "--work", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "--resume" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_epochs_is_a_whole_number_from_1(value: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["hybrid", "--epochs", value])
    assert stop.value.code == 2
