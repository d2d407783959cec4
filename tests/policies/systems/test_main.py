from __future__ import annotations

import pytest

from policies.systems.__main__ import main, make_parser
from policies.systems.table import SYSTEMS
from scenarios.common.errors import InputError


def test_without_a_command_every_system_is_listed(capsys) -> None:
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert "sizes at compact scale" in printed
    assert set(SYSTEMS) <= set(printed.split())


def test_building_needs_a_name_and_a_folder(capsys) -> None:
    with pytest.raises(InputError, match="--out"):
        make_parser().parse_args(["build", "enhanced-norm"])
    arguments = make_parser().parse_args(["build", "enhanced-norm", "--out", "new"])
    assert (arguments.scale, arguments.clip, arguments.kosmos2, arguments.random) == ("full", None, None, False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["build", "enhanced-nrom", "--out", "new"], "did you mean 'enhanced-norm'"),
        (["build", "enhanced-norm", "--out", "full"], "is not empty"),
        (["build", "enhanced-norm", "--scale", "compact", "--out", "new"], "policies.train enhanced-norm"),
        (["build", "enhanced-norm", "--random", "--clip", "here", "--out", "new"], "can't be combined with --clip"),
        (["build", "enhanced-norm", "--scale", "fulll", "--out", "new"], "did you mean 'full'"),
        (["build", "ensemble-best", "--random", "--out", "new"], "build hybrid, mobile-vla"),
    ],
)
def test_what_cannot_be_built_is_said_in_a_sentence(arguments, sentence, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "config.json").write_text("{}")
    with pytest.raises(InputError) as raised:
        main(arguments)
    assert sentence in str(raised.value)
    assert not (tmp_path / "new").exists()


def test_a_built_checkpoint_is_reported_with_the_way_to_evaluate_it(tmp_path, capsys) -> None:
    out = tmp_path / "mine"
    assert main(["build", "mobile-vla", "--random", "--out", str(out)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.endswith(f"evaluate it by --policy {out}")
    assert (out / "config.json").is_file()
