"""The stored golden runs: hashes as JSON, a sheet of frames for each renderer, and the reason of every renewal."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import imageio.v3 as iio
import numpy as np

from scenarios.common.errors import InputError
from sim.benchmark.golden.suite import CASES, FRAME_SIZE, RENDERERS, Stage
from sim.results.provenance.facts import package_versions
from sim.results.run_files import write_json

FOLDER = Path(__file__).parent / "stored"
CHANGELOG = Path(__file__).parents[3] / "CHANGELOG.md"
COLUMNS = 4  # of a sheet of frames
SHORTEST_LINE = 10  # characters of what says why golden runs move
DECISIVE = ("numpy", "pybullet")  # packages that worlds, physics and rows depend on


@dataclass(frozen=True)
class Renewal:
    """One time that the golden runs were renewed."""

    line: str
    """The line of CHANGELOG.md that says why."""
    contents: str
    """Hash of what was stored then."""


@dataclass(frozen=True)
class GoldenRuns:
    """What is stored."""

    renewals: tuple[Renewal, ...]
    made_with: dict[str, str]
    """Versions of the packages and the C library that equal hashes need."""
    stages: dict[str, Stage]
    """By name, hashes of every stage but the frames."""
    frames: dict[str, np.ndarray]
    """By renderer, (n, H, W, 3) uint8: the first frame of every case."""


def read_versions() -> dict[str, str]:
    """Return the versions here of what equal hashes need."""
    found = package_versions()
    return {**{name: found[name] for name in DECISIVE}, "libc": " ".join(platform.libc_ver())}


def read_golden(folder: Path = FOLDER) -> GoldenRuns:
    """Read what is stored.

    Raises:
        InputError: It was edited by hand, so that its last renewal doesn't tell why.
    """
    stored = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    renewals = tuple(Renewal(**each) for each in stored["renewals"])
    stages = {name: Stage(**stage) for name, stage in stored["stages"].items()}
    frames = {name: split_sheet(iio.imread(sheet_path(folder, name))) for name in RENDERERS}
    if renewals[-1].contents != hash_contents(stages, frames):
        raise InputError(
            f"the golden runs in {folder} aren't those of their last renewal ('{renewals[-1].line}'): renew them by "
            "'python -m sim.benchmark golden --renew LINE', with the line of CHANGELOG.md that says why they move"
        )
    return GoldenRuns(renewals, stored["made_with"], stages, frames)


def write_golden(golden: GoldenRuns, folder: Path = FOLDER) -> None:
    """Write what is to be stored."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frames in golden.frames.items():
        iio.imwrite(sheet_path(folder, name), join_sheet(frames), optimize=True)
    renewals = [{"line": each.line, "contents": each.contents} for each in golden.renewals]
    stages = {name: stage._asdict() for name, stage in golden.stages.items()}
    write_json(folder / "golden.json", {"renewals": renewals, "made_with": golden.made_with, "stages": stages})


def sheet_path(folder: Path, renderer: str) -> Path:
    """Return the path of a renderer's sheet of frames."""
    return folder / f"frames-{renderer}.png"


def join_sheet(frames: np.ndarray) -> np.ndarray:
    """Put frames, (n, H, W, 3), side by side into one picture, row by row; n is a multiple of ``COLUMNS``."""
    count, height, width, channels = frames.shape
    grid = frames.reshape(count // COLUMNS, COLUMNS, height, width, channels)
    return grid.swapaxes(1, 2).reshape(-1, COLUMNS * width, channels)


def split_sheet(sheet: np.ndarray) -> np.ndarray:
    """Return the frames of a sheet, (n, H, W, 3)."""
    height, width = FRAME_SIZE
    grid = sheet.reshape(len(CASES) // COLUMNS, height, COLUMNS, width, 3)
    return np.ascontiguousarray(grid.swapaxes(1, 2).reshape(len(CASES), height, width, 3))


def hash_contents(stages: Mapping[str, Stage], frames: Mapping[str, np.ndarray]) -> str:
    """Hash all that is stored."""
    found = hashlib.sha256(json.dumps(stages, sort_keys=True).encode())
    for name in sorted(frames):
        found.update(np.ascontiguousarray(frames[name]).data)
    return found.hexdigest()


def check_line(line: str, renewals: tuple[Renewal, ...], changelog: str) -> str:
    """Return the beginning of an entry of the change log that says why golden runs move, with single blanks.

    Raises:
        InputError: The change log doesn't contain it, or an earlier renewal had it.
    """
    wanted = join_blanks(line).removeprefix("- ")
    if len(wanted) < SHORTEST_LINE or f"- {wanted}" not in join_blanks(changelog):
        raise InputError(
            f"--renew '{line}': no entry of CHANGELOG.md begins with this; write there why the golden runs move"
        )
    if wanted in {each.line for each in renewals}:
        raise InputError(f"--renew '{line}': an earlier renewal had this line; write why they move this time")
    return wanted


def join_blanks(text: str) -> str:
    """Return a text with each run of blanks and line ends as one blank."""
    return " ".join(text.split())
