"""Scenario files that go with a data set: its scenes are rebuilt from them wherever it lies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from policies.dataset.demonstration import SceneRef

FOLDER = "meta/scenarios"


def save_scenario_file(root: Path, scenario: str, text: str) -> None:
    """Put the file of a scenario of that name into a data set's folder."""
    path = root / FOLDER / f"{scenario}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def resolve_scene(scene: SceneRef, root: Path) -> SceneRef:
    """A scene as it stands in a data set, its scenario told by the file that is kept there, if there is one."""
    if Path(scene.scenario).name != scene.scenario:  # nothing outside the folder is ever meant
        return scene
    path = root / FOLDER / f"{scene.scenario}.yaml"
    return replace(scene, scenario=str(path)) if path.is_file() else scene
