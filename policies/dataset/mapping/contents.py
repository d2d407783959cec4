"""What a data set says that it contains, in either layout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policies.dataset.mapping.mapping import Units


@dataclass(frozen=True)
class CameraFeature:
    """A camera."""

    name: str
    size: tuple[int, int] | None = None
    """(height, width) in pixels; None where the set doesn't state it."""
    is_depth: bool = False
    """Whether its pixels are distances, which no policy here takes."""


@dataclass(frozen=True)
class VectorFeature:
    """Some numbers of every frame."""

    name: str
    size: int
    columns: tuple[str, ...] = ()
    """Their names; empty where the set doesn't give any."""

    def index_of(self, label: str) -> int | None:
        """Return the index of a column by its name, or by its number from 0; None if there is none."""
        if label in self.columns:
            return self.columns.index(label)
        return int(label) if label.isdecimal() and int(label) < self.size else None

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns' names, or numbers."""
        return self.columns or tuple(map(str, range(self.size)))


@dataclass(frozen=True)
class DatasetContents:
    """The contents of a data set, as far as a mapping can choose among them."""

    root: Path
    rate: float
    """Frames per second, as the set states."""
    cameras: tuple[CameraFeature, ...]
    vectors: tuple[VectorFeature, ...]
    texts: tuple[str, ...] = ()
    """Columns or attributes that an instruction can be taken from."""
    missing_rate: str | None = None
    """What is missing where the set doesn't state its rate; None where it does."""
    missing_instruction: str | None = None
    """What is missing where the set itself gives no instruction; None where it does."""
    colours: str = "rgb"
    """Order of the colour channels that this layout is known for."""
    has_odometry: bool = True
    """False for the published layout, whose states are reckoned from the actions."""
    units: Units | None = None
    """Units of velocities that this layout is known for; None where names have to tell."""

    def vector(self, name: str) -> VectorFeature | None:
        """Return a vector by its name; None if there is none."""
        return next((vector for vector in self.vectors if vector.name == name), None)

    @property
    def colour_cameras(self) -> tuple[CameraFeature, ...]:
        """The cameras whose pixels are colours."""
        return tuple(camera for camera in self.cameras if not camera.is_depth)
