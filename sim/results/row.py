"""One episode's line in ``episodes.jsonl``: its type, its columns, and the row of an episode that never ended."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast, get_args, get_type_hints

from sim.metrics.registry import fault_metrics, metric_names
from sim.metrics.score import EpisodeScore
from sim.results.codec import FLAT, from_json
from sim.results.plan import Cell
from sim.rollout.episode import POLICY_FAULT, Episode, Outcome

RowKey = tuple[str, str, str, int]
EpisodeStatus = Literal["success", "collision", "wrong-target", "wrong-side", "timeout", "stuck", "policy-fault"]
STATUSES: tuple[EpisodeStatus, ...] = get_args(EpisodeStatus)
VideoChoice = Literal["none", "failures", "all"]

FILMED_FAILURES = 2


@dataclass(frozen=True, kw_only=True)
class EpisodeRow:
    """What is known of one episode after it ended. The fields are the columns, in order."""

    policy: str
    """Name or folder."""
    scenario: str
    """Name, or file as it was typed."""
    perturbation: str
    """Axes and levels, as "lighting=2+latency=1"; "none" without any."""
    episode: int
    """Number of the episode in its cell."""
    seed: int
    """Of the suite; with the scenario and the number it is all that the world was drawn from."""
    status: EpisodeStatus
    """What ended the episode."""
    success: bool
    """Whether the task was done."""
    failure: str | None = None
    """Failure kind, which may be more precise than the status; None for a success."""
    touched: str | None = None
    """What the robot hit, in words; None if it hit nothing."""
    goal: str | None = None
    """Name of the target that the instruction names; None if the episode never ended."""
    reached: str | None = None
    """Name of the target that ended the episode; None if none did."""
    steps: int
    """Control steps that were driven."""
    metrics: dict[str, float | None] = field(metadata={FLAT: True})
    """By name, each a column of its own: see ``sim.metrics.registry``; None where one is undefined."""
    digest: str | None = None
    """SHA-256 over all frames, states and actions; None if the episode never ended."""
    video: str | None = None
    """Path of the video below the run folder; None if it wasn't filmed."""
    error: str | None = None
    """What the policy did wrong, one line; None unless the status is "policy-fault"."""

    @property
    def cell(self) -> Cell:
        """The cell that the episode counts in."""
        return Cell(self.policy, self.scenario, self.perturbation)

    @property
    def key(self) -> RowKey:
        """What tells the row from all others of a run."""
        return self.policy, self.scenario, self.perturbation, self.episode

    @property
    def ending(self) -> str:
        """How the episode ended: "success", or its failure kind, or its status where no kind is known."""
        return "success" if self.success else self.failure or self.status


def column_names() -> tuple[str, ...]:
    """All columns of a row, in order."""
    return tuple(column_types())


def column_types() -> dict[str, type]:
    """All columns of a row, in order, with the type of their values: ``bool``, ``int``, ``float`` or ``str``."""
    hints = get_type_hints(EpisodeRow)
    types: dict[str, type] = {}
    for each in fields(EpisodeRow):
        if each.metadata.get(FLAT):
            types.update(dict.fromkeys(metric_names(), float))
        else:
            types[each.name] = hints[each.name] if hints[each.name] in (bool, int) else str
    return types


def read_row(value: Any, where: str) -> EpisodeRow:
    """Read a row from what ``json.loads`` gave.

    Columns of another version are kept where they are numbers, as they may be metrics; others are left out.

    Raises:
        InputError: It isn't a row; names ``where``.
    """
    if isinstance(value, dict):
        known = column_names()
        value = {name: entry for name, entry in value.items() if name in known or _is_metric(entry)}
    return from_json(EpisodeRow, value, where)


def _is_metric(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def new_row(cell: Cell, episode: Episode, outcome: Outcome, score: EpisodeScore, digest: str) -> EpisodeRow:
    """Make the row of a finished episode, which isn't filmed yet."""
    return EpisodeRow(
        policy=cell.policy,
        scenario=cell.scenario,
        perturbation=cell.perturbation,
        episode=episode.number,
        seed=episode.suite_seed,
        status=cast(EpisodeStatus, outcome.status),
        success=outcome.status == "success",
        failure=score.failure,
        touched=score.touched,
        goal=score.goal,
        reached=score.reached,
        steps=outcome.steps,
        metrics=score.metrics,
        digest=digest,
        error=outcome.error,
    )


def policy_fault_row(cell: Cell, episode: Episode, error: str) -> EpisodeRow:
    """Make the row of an episode cut short by a policy error: it counts as failed, and stays in the denominator."""
    return EpisodeRow(
        policy=cell.policy,
        scenario=cell.scenario,
        perturbation=cell.perturbation,
        episode=episode.number,
        seed=episode.suite_seed,
        status=POLICY_FAULT,
        success=False,
        failure=POLICY_FAULT,
        steps=0,
        metrics=fault_metrics(),
        error=error,
    )


def select_filmed(rows: Sequence[EpisodeRow], choice: VideoChoice) -> set[int]:
    """The numbers of a block's episodes that get a video.

    The first episode of a cell does, unless none are wanted at all. 'failures' stops after ``FILMED_FAILURES`` in a
    block: a film takes longer than its episode, and a policy that always fails would spend its run being filmed.
    """
    if choice == "none":
        return set()
    failures = [row.episode for row in rows if not row.success][:FILMED_FAILURES]
    return {row.episode for row in rows if choice == "all" or row.episode == 0 or row.episode in failures}


def video_path(row: EpisodeRow) -> str:
    """Path of an episode's video below the run folder; different episodes never share one."""
    policy, scenario = _file_name(row.policy), _file_name(row.scenario)
    return f"videos/{policy}-{scenario}-{row.perturbation}-{row.episode:04d}-{row.status}.mp4"


def _file_name(name: str) -> str:
    """A name as a part of a file's name; a path gets a few letters more, as its cleaned form may be another's."""
    clean = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name).strip("-.")
    return clean if clean == name else f"{clean}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
