"""Scenario files inside a data set, from which its scenes can be rebuilt wherever it is moved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from policies.dataset.demonstration import SceneRef

FOLDER = "meta/scenarios"


def save_scenario_file(root: Path, scenario: str, text: str) -> None:
    """Save the file of a scenario of this name in a data set's folder."""
    path = root / FOLDER / f"{scenario}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def resolve_scene(scene: SceneRef, root: Path) -> SceneRef:
    """Return a data set's scene with the path of its scenario's file in the data set, if there is one."""
    if Path(scene.scenario).name != scene.scenario:  # never a file outside the folder
        return scene
    path = root / FOLDER / f"{scene.scenario}.yaml"
    return replace(scene, scenario=str(path)) if path.is_file() else scene
