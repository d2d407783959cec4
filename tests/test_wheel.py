"""The built wheel holds the four packages with what they need, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # builds the wheel

ROOT = Path(__file__).parents[1]
NEEDED = (
    "envs/assets/robot.urdf",
    "envs/assets/box.obj",
    "envs/assets/cone.obj",
    "policies/checkpoints/hybrid/config.json",
    "policies/checkpoints/hybrid/model.safetensors",
    "policies/checkpoints/hybrid/tokenizer.json",
    "sim/evaluate/suites/shipped/published.yaml",
    "sim/evaluate/suites/shipped/smoke.yaml",
    "sim/report/templates/report.html",
    "sim/benchmark/golden/stored/golden.json",
    "sim/benchmark/golden/stored/frames-gl.png",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    copy = out / "source"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_four_packages_and_their_files(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"sim", "envs", "policies", "scenarios"}
    assert set(NEEDED) <= set(names)


def test_the_wheel_runs_on_its_own(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    command = [sys.executable, "-m", "sim.evaluate", "--policy", "hybird", "--scenario", "corridor"]
    environment = {"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "did you mean 'hybrid'?" in ran.stderr
    assert not (tmp_path / "runs").exists()


def test_the_wheel_names_what_records_for_training(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "from policies.train.collection import find_collector as f; print(f().__module__, f().__code__.co_filename)"
    environment = {"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["sim.record.collection", str(tmp_path / "site" / "sim" / "record" / "collection.py")]
