"""Reader of demonstrations in the published layout."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from policies.dataset import scene_files
from policies.dataset.demonstration import STATE_SIZE, Demonstration, EpisodeInfo, SceneRef
from policies.dataset.hdf5.layout import SUFFIX, parse_instruction
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SCALE, ACTION_SIZE, KEY_PRESS_PERIOD_S

_OPTIONAL = {"agent_pos": STATE_SIZE, "executed_actions": ACTION_SIZE}


def integrate_odometry(actions: np.ndarray, period_s: float) -> np.ndarray:
    """Integrate commands to ``agent_pos`` (t, 6) float32, assuming that the robot follows them exactly.

    Published recordings contain no odometry.

    Args:
        actions: (t, 3) commands in [-1, 1].
        period_s: Duration of each command.
    """
    rates = ACTION_SCALE * np.asarray(actions, np.float64)
    before = np.concatenate([np.zeros((1, 3)), rates[:-1]])  # (t, 3) what the robot did until each record
    yaw = np.cumsum(before[:, 2]) * period_s
    heading = yaw - before[:, 2] * period_s  # at the start of that motion
    cos, sin = np.cos(heading), np.sin(heading)
    x = np.cumsum(cos * before[:, 0] - sin * before[:, 1]) * period_s
    y = np.cumsum(sin * before[:, 0] + cos * before[:, 1]) * period_s
    return np.column_stack([before, x, y, np.remainder(yaw + np.pi, 2 * np.pi) - np.pi]).astype(np.float32)


class Hdf5Dataset:
    """A folder of episodes in the published layout, written here or recorded on a robot; used like ``Dataset``.

    Where a file lacks the entries that only files written here have, ``agent_pos`` is dead-reckoned from the actions,
    ``executed`` equals ``actions``, the instruction is that of the cell in the file's name, and ``scene`` and
    ``success`` are None. Episodes are in the order of their files' names.

    Args:
        root: The folder.
        bgr: True if the images are stored in OpenCV's channel order (the published collector stores ``bgr8`` images of
            ``cv_bridge``); they are then converted to RGB.

    Raises:
        InputError: There is no such folder, it contains no ``.h5`` file, or one that isn't in this layout.
    """

    def __init__(self, root: Path, *, bgr: bool = False) -> None:
        self.root = Path(root)
        self._bgr = bgr
        if not self.root.is_dir():
            raise InputError(f"there is no data set at {self.root}; expected a folder")
        self._paths = sorted(self.root.glob(f"*{SUFFIX}"))
        if not self._paths:
            raise InputError(f"{self.root} contains no episodes: expected files that end in {SUFFIX}")
        self._infos: list[EpisodeInfo] = []
        periods = set()
        for path in self._paths:
            with _open_hdf5(path) as file:
                self._infos.append(_info(file, path))
                periods.add(float(file.attrs.get("period_s", KEY_PRESS_PERIOD_S)))
        if len(periods) > 1 or not min(periods) > 0.0:
            raise InputError(
                f"the episodes in {self.root} have periods of {sorted(periods)} s; expected the same for all"
            )
        self.period_s = periods.pop()

    @property
    def fps(self) -> float:
        """Records per second."""
        return 1.0 / self.period_s

    def __len__(self) -> int:
        """Return the number of episodes."""
        return len(self._paths)

    def __iter__(self) -> Iterator[Demonstration]:
        """Read all episodes in order, one in memory at a time."""
        return (self.demonstration(i) for i in range(len(self)))

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 over the names and contents of all files; computed on first use."""
        digest = hashlib.sha256()
        for path in self._paths:
            with path.open("rb") as file:
                digest.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
        return digest.hexdigest()

    def info(self, i: int) -> EpisodeInfo:
        """Return the description of episode ``i`` without reading its frames."""
        if not 0 <= i < len(self):
            raise IndexError(f"{self.root} has episodes 0 to {len(self) - 1}, not {i}")
        return self._infos[i]

    def demonstration(self, i: int) -> Demonstration:
        """Read episode ``i`` with its frames; actions in [-1, 1].

        Raises:
            IndexError: There is no such episode.
            InputError: The file is damaged.
        """
        info, path = self.info(i), self._paths[i]
        with _open_hdf5(path) as file:
            pixels = np.asarray(file["images"][:])
            actions = np.asarray(file["actions"][:] / ACTION_SCALE, np.float32)
            executed = actions
            if "executed_actions" in file:
                executed = np.asarray(file["executed_actions"][:] / ACTION_SCALE, np.float32)
            known = np.asarray(file["agent_pos"][:], np.float32) if "agent_pos" in file else None
        return Demonstration(
            scene=info.scene,
            instruction=info.instruction,
            success=info.success,
            source=info.source,
            pixels=np.ascontiguousarray(pixels[..., ::-1]) if self._bgr else pixels,
            agent_pos=integrate_odometry(actions, self.period_s) if known is None else known,
            actions=actions,
            executed=executed,
        )

    def close(self) -> None:
        """Do nothing: no file stays open."""


@contextlib.contextmanager
def _open_hdf5(path: Path) -> Iterator[Any]:
    """Open a file for reading, and raise h5py's errors as ``InputError``."""
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, KeyError, RuntimeError) as error:
        raise InputError(f"{path} is not a readable HDF5 file ({error}); it may be truncated") from error


def _info(file: Any, path: Path) -> EpisodeInfo:
    sizes = {"images": (None, None, None, 3), "actions": (None, ACTION_SIZE), "action_event_types": (None,)}
    sizes |= {key: (None, size) for key, size in _OPTIONAL.items() if key in file}
    length = 0  # of the images, which come first
    for key, wanted in sizes.items():
        if not isinstance(file.get(key), h5py.Dataset):
            raise InputError(f"{path} lacks the data set '{key}'; it has {', '.join(sorted(file)) or 'nothing'}")
        shape = file[key].shape
        length = shape[0] if key == "images" and shape else length
        right = len(shape) == len(wanted) and all(w in (None, s) for w, s in zip(wanted, shape, strict=True))
        if not right or shape[0] != length or length < 1:
            raise InputError(f"'{key}' in {path} has shape {shape}; expected {_format_shape(wanted, length)}")
    if file["images"].dtype != np.uint8:
        raise InputError(f"'images' in {path} have type {file['images'].dtype}; expected uint8")
    instruction = file.attrs.get("instruction") or parse_instruction(path.stem)
    if not instruction:
        raise InputError(
            f"{path} has no instruction: add an attribute 'instruction', or name the file by a cell such as "
            f"'1box_vert_left'"
        )
    scene = [file.attrs.get(key) for key in ("scenario", "suite_seed", "episode")]
    success = file.attrs.get("success")
    return EpisodeInfo(
        length=length,
        instruction=str(instruction),
        scene=None
        if None in scene
        else scene_files.resolve_scene(SceneRef(str(scene[0]), int(scene[1]), int(scene[2])), path.parent),
        success=None if success is None else bool(success),
        source=str(file.attrs.get("source", "unknown")),
    )


def _format_shape(wanted: tuple[int | None, ...], length: int) -> str:
    """Format a shape for messages, e.g. (18, H, W, 3)."""
    names = [str(length or "t"), *("HW" if len(wanted) == 4 else ""), *(str(size) for size in wanted[1:] if size)]
    return f"({', '.join(names)})"
