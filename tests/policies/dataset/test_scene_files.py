"""Scenario files stay with the data set whose scenes name them, and lead nowhere else."""

from __future__ import annotations

from pathlib import Path

from policies.dataset import Dataset, DatasetWriter, SceneRef
from policies.dataset.hdf5.reader import Hdf5Dataset
from policies.dataset.hdf5.writer import Hdf5Writer
from policies.dataset.scene_files import resolve_scene, save_scenario_file

from .conftest import MakeDemonstration


def test_a_scene_is_told_by_the_file_that_moved_with_the_set(tmp_path: Path, demonstration: MakeDemonstration) -> None:
    for name, writer, reader in (("a", DatasetWriter, Dataset), ("b", Hdf5Writer, Hdf5Dataset)):
        with writer(tmp_path / name) as made:
            made.keep_scenario("mine", "family: corridor\n")
            made.add(demonstration(3, scene=SceneRef("mine", 5, 6)))
            made.add(demonstration(3, scene=SceneRef("corridor", 5, 6)))
        (tmp_path / name).rename(tmp_path / f"{name}-moved")
        read = reader(tmp_path / f"{name}-moved")
        file = read.root / "meta" / "scenarios" / "mine.yaml"
        assert file.read_text() == "family: corridor\n"
        scenes = [SceneRef(str(file), 5, 6), SceneRef("corridor", 5, 6)]
        assert [read.info(number).scene for number in range(2)] == scenes
        assert [each.scene for each in read] == scenes


def test_a_scene_never_names_a_file_outside_of_the_set(tmp_path: Path) -> None:
    save_scenario_file(tmp_path / "set", "mine", "family: corridor\n")
    (tmp_path / "mine.yaml").write_text("family: rooms\n")
    for name in ("../../mine", "../../../mine", str(tmp_path / "mine"), "sub/mine", "..", "", "other"):
        assert resolve_scene(SceneRef(name, 0, 0), tmp_path / "set").scenario == name
