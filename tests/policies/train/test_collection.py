from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from policies.train import collection
from policies.train.collection import (
    ENTRY_POINT,
    ENTRY_POINT_GROUP,
    CollectionSpec,
    FamilyCollection,
    TeleopCollection,
    collect_dataset,
    find_collector,
)
from scenarios.common.errors import InputError

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
SPEC = FamilyCollection("runs/cloned", "corridor", 1100, 60)


def test_the_distribution_names_a_collector() -> None:
    named = tomllib.loads(PROJECT.read_text())["project"]["entry-points"][ENTRY_POINT_GROUP]
    assert callable(EntryPoint(ENTRY_POINT, named[ENTRY_POINT], ENTRY_POINT_GROUP).load())


def test_the_collector_of_an_installed_distribution_is_found(monkeypatch, tmp_path) -> None:
    metadata = tmp_path / "recorder-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: recorder\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[test.collectors]\ndefault = shutil:copytree\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(collection, "ENTRY_POINT_GROUP", "test.collectors")
    assert find_collector().__name__ == "copytree"


def test_an_installation_without_a_collector_is_told_what_to_do(monkeypatch) -> None:
    monkeypatch.setattr(collection, "entry_points", lambda **_: ())
    with pytest.raises(InputError, match=r"no collector of demonstrations is installed .*'pip install -e \.'"):
        find_collector()


@pytest.fixture
def find(monkeypatch):
    """Find the collector where the installed distribution names this one."""

    def found(value: str):
        named = EntryPoint(ENTRY_POINT, value, ENTRY_POINT_GROUP)
        monkeypatch.setattr(collection, "entry_points", lambda **_: (named,))
        return find_collector()

    return found


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("sim.moved_away:collect", "No module named 'sim.moved_away'"),
        ("policies.train.collection:collect_nothing", "has no attribute 'collect_nothing'"),
        ("policies.train.collection:ENTRY_POINT", "it is not a function"),
        ("broken_syntax:collect", "invalid syntax"),
    ],
)
def test_a_collector_that_cannot_be_loaded_is_one_sentence(value, reason, find, monkeypatch, tmp_path) -> None:
    (tmp_path / "broken_syntax.py").write_text("def collect(:\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="cannot load the collector of demonstrations") as raised:
        find(value)
    sentence = str(raised.value)
    assert f"'{value}' (entry point 'default' in 'mobile_vla_sim.collectors')" in sentence
    assert reason in sentence
    assert "'pip install -e .'" in sentence
    assert "\n" not in sentence


def test_a_package_that_the_collector_lacks_is_not_blamed_on_the_entry_point(find, monkeypatch, tmp_path) -> None:
    (tmp_path / "needs_pybullet.py").write_text("raise ModuleNotFoundError('No module', name='pybullet')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError):
        find("needs_pybullet:collect")


def test_a_data_set_is_recorded_once_and_has_its_name_when_it_is_complete(recipe_run) -> None:
    asked: list[tuple[CollectionSpec, int]] = []

    def collect(spec: CollectionSpec, out: Path, workers: int) -> None:
        asked.append((spec, workers))
        out.mkdir()
        (out / "data").write_text(f"take {len(asked)}")
        if len(asked) == 1:
            raise InputError("no camera")

    run = replace(recipe_run, collect=collect, workers=3)
    with pytest.raises(InputError, match="no camera"):
        collect_dataset(SPEC, run)
    assert not (run.work / "data" / SPEC.name).exists()
    folders = {collect_dataset(SPEC, run) for _ in range(2)}
    assert folders == {run.work / "data" / "corridor-1100-60-cloned"}
    assert (folders.pop() / "data").read_text() == "take 2"
    assert asked == [(SPEC, 3)] * 2


def test_data_sets_keep_their_names_from_version_to_version() -> None:
    assert FamilyCollection("expert", "pursuit", 2000, 10, 2).name == "pursuit-2000-10-expert"
    assert TeleopCollection(1000).name == "teleop-1000"
