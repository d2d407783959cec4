"""The command for one control period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.robot import ACTION_SIZE, DRIVE_TICKS


@dataclass(frozen=True, eq=False)
class Command:
    """Body-frame actions (vx, vy, wz) for one control period: of one robot, or of all slots of a batch.

    Actions are clipped to [-1, 1] here, and nowhere else.

    Raises:
        ValueError: If an action is not three finite numbers.
    """

    before: np.ndarray  # (3,) or (n, 3) float32
    """Action during the first ``delay_ticks`` drive ticks, while the policy is still computing."""
    after: np.ndarray  # (3,) or (n, 3) float32
    """Action for the rest of the period."""
    delay_ticks: int = 0
    """Duration of ``before`` in drive ticks, from 0 to ``DRIVE_TICKS``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "before", _clip_action(self.before))
        object.__setattr__(self, "after", _clip_action(self.after))

    @classmethod
    def hold(cls, action: np.ndarray) -> Command:
        """Return the command that holds one action for the whole period."""
        return cls(action, action)

    def for_slot(self, slot: int) -> Command:
        """Return one robot's part of a batch's command."""
        part = object.__new__(Command)  # without checking the actions again
        object.__setattr__(part, "delay_ticks", self.delay_ticks)
        object.__setattr__(part, "before", self.before[slot])
        object.__setattr__(part, "after", self.after[slot])
        return part

    def at(self, tick: int) -> np.ndarray:
        """Return the action in a drive tick, counted from 0: (3,) or (n, 3)."""
        return self.before if tick < self.delay_ticks else self.after

    @property
    def mean(self) -> np.ndarray:
        """The mean action over the period, (3,) or (n, 3)."""
        if self.delay_ticks in (0, DRIVE_TICKS):  # exact, without rounding
            return self.at(0)
        late, rest = self.delay_ticks, DRIVE_TICKS - self.delay_ticks
        return (late * self.before + rest * self.after) / np.float32(DRIVE_TICKS)


def _clip_action(action: np.ndarray) -> np.ndarray:
    action = np.asarray(action, dtype=np.float32)
    if action.shape[-1:] != (ACTION_SIZE,) or action.ndim > 2 or not np.all(np.isfinite(action)):
        raise ValueError(f"an action must be three finite numbers (vx, vy, wz), not {action!r}")
    return np.clip(action, -1.0, 1.0)
