"""Laws of ``python -m sim.scenarios``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from envs.simulation.lockstep import Lockstep
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.perturbations import AXES
from scenarios.registry import SCENARIOS
from sim.drawing.scene_preview import HEADER, MARGIN, PANEL_HEIGHT
from sim.scenarios import main


def camera_panel(picture: Path) -> np.ndarray:
    """(448, 448, 3) what the robot's camera shows in a picture."""
    left = Image.open(picture).width - MARGIN - PANEL_HEIGHT
    return np.asarray(Image.open(picture).convert("RGB"))[HEADER : HEADER + PANEL_HEIGHT, left : left + PANEL_HEIGHT]


def test_the_list_names_every_family_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert all(scenario.name in printed and scenario.summary in printed for scenario in SCENARIOS.values())


def test_the_levels_of_every_axis_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--levels"]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n{axis} " in printed for axis in AXES)


def test_listing_loads_no_physics_and_no_networks() -> None:
    code = "import sys, sim.scenarios; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "pybullet", "moderngl"} & set(loaded)


def test_what_is_printed_or_written_is_a_file_of_that_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    assert main(["corridor", "--write", str(path)]) == 0
    capsys.readouterr()
    assert main(["corridor"]) == 0
    assert capsys.readouterr().out == path.read_text()
    assert get_scenario(str(path)).spec == SCENARIOS["corridor"].spec


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine")
    with pytest.raises(InputError, match="the file already exists"):
        main(["corridor", "--write", str(path)])
    assert path.read_text() == "mine"


def test_a_picture_shows_what_the_camera_sees_of_that_episode(tmp_path: Path) -> None:
    path, again, other = tmp_path / "a.png", tmp_path / "b.png", tmp_path / "c.png"
    for out, episode in ((path, "7"), (again, "7"), (other, "8")):
        assert main(["corridor", "--episode", episode, "--seed", "3", "--out", str(out)]) == 0
    assert path.read_bytes() == again.read_bytes() != other.read_bytes()
    lockstep = Lockstep(1)
    seen = lockstep.reset([get_scenario("corridor").world(3, 7)]).pixels[0]
    lockstep.close()
    doubled = Image.fromarray(seen).resize((PANEL_HEIGHT, PANEL_HEIGHT), Image.Resampling.BICUBIC)
    assert np.array_equal(camera_panel(path), np.asarray(doubled))


def test_a_picture_shows_what_is_perturbed_and_what_a_file_changes(tmp_path: Path) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text("family: crossing\nname: mine\nranges: {length: 9, width: 6}")
    plain, dark = tmp_path / "plain.png", tmp_path / "dark.png"
    assert main([str(scenario), "--out", str(plain)]) == 0
    assert main([str(scenario), "--perturb", "image-noise=3", "--out", str(dark)]) == 0
    assert np.mean(camera_panel(plain) != camera_panel(dark)) > 0.5
    assert Image.open(plain).size == (
        3 * MARGIN + round(PANEL_HEIGHT * 9.5 / 6.5) + PANEL_HEIGHT,
        Image.open(dark).height,
    )


@pytest.mark.parametrize("family", ["box-detour", "pursuit"])  # a side to take; a goal that moves
def test_every_kind_of_task_has_its_picture(family: str, tmp_path: Path) -> None:
    assert main([family, "--out", str(tmp_path / "a.webp")]) == 0
    assert (tmp_path / "a.webp").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["coridor"], "did you mean 'corridor'"),
        (["nowhere.yaml"], "nowhere.yaml: can't be read"),
        (["corridor", "--perturb", "lightning=2", "--out", "a.png"], "did you mean 'lighting'"),
        (["corridor", "--episode", "-1", "--out", "a.png"], "--episode"),
        (["corridor", "--episode", "3"], "--episode needs --out"),
        (["corridor", "--perturb", "lighting=1", "--write", "a.yaml"], "--perturb needs --out"),
        (["corridor", "--out", "a.gif"], "a picture ends in .png"),
        (["corridor", "--out", "none/a.png"], "there is no folder"),
        (["corridor", "--write", "a.txt"], "ends in .yaml"),
        (["corridor", "--write", "rooms.yaml"], "'rooms' is the name of a family"),
        (["corridor", "--write", "a.yaml", "--out", "a.png"], "not allowed with"),
        (["corridor", "--levels"], "leave the scenario out"),
        (["--out", "a.png"], "--out needs a scenario"),
        (["--write", "a.yaml"], "--write needs a scenario"),
    ],
)
def test_bad_input_is_a_sentence_and_writes_nothing(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words) as caught:
        main(arguments)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
