"""One episode's line in ``episodes.jsonl``: its columns, and the row of an episode that never came to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sim.results.plan import Cell
from sim.rollout.episode import POLICY_FAULT, Episode

EpisodeRow = dict[str, Any]
RowKey = tuple[str, str, str, int]

METRICS = (
    "time_s",
    "path_m",
    "optimal_m",
    "path_ratio",
    "time_ratio",
    "spl",
    "soft_spl",
    "ndtw",
    "clearance_m",
    "risk_s",
    "smoothness",
    "progress",
    "on_policy_mae",
    "policy_ms",
)
COLUMNS = (
    *(
        "policy",
        "scenario",
        "perturbation",
        "episode",
        "seed",
        "status",
        "success",
        "failure",
        "touched",
        "goal",
        "reached",
    ),
    "steps",
    *METRICS,
    *("digest", "video", "error"),
)
STATUSES = ("success", "collision", "wrong-target", "wrong-side", "timeout", "stuck", POLICY_FAULT)

FILMED_FAILURES = 2
VideoChoice = Literal["none", "failures", "all"]


def row_key(row: Mapping[str, Any]) -> RowKey:
    """What makes a row the only one of its kind in a run."""
    return row["policy"], row["scenario"], row["perturbation"], row["episode"]


def new_row(cell: Cell, episode: Episode, status: str, steps: int, **values: Any) -> EpisodeRow:
    """A row with every column, in order; what isn't given is None, and a failure of no other kind is its status.

    ``seed`` is the suite seed: with the scenario and the episode number it is all that the world was drawn from.
    """
    row: EpisodeRow = dict.fromkeys(COLUMNS)
    row.update(
        policy=cell.policy,
        scenario=cell.scenario,
        perturbation=cell.perturbation,
        episode=episode.number,
        seed=episode.suite_seed,
        status=status,
        success=status == "success",
        failure=None if status == "success" else status,
        steps=steps,
    )
    unknown = set(values) - set(COLUMNS)
    if unknown:
        raise ValueError(f"no such columns: {sorted(unknown)}")
    row.update(values)
    return row


def policy_fault_row(cell: Cell, episode: Episode, error: str) -> EpisodeRow:
    """An episode that the policy kept from ending: it counts as failed, it isn't left out of the denominator."""
    return new_row(cell, episode, POLICY_FAULT, 0, spl=0.0, soft_spl=0.0, error=error)


def select_filmed(rows: Sequence[EpisodeRow], choice: VideoChoice) -> set[int]:
    """The numbers of a block's episodes that get a video.

    The first episode of a cell does, unless none are wanted at all. 'failures' stops after ``FILMED_FAILURES`` in a
    block: a film takes longer than its episode, and a policy that always fails would spend its run being filmed.
    """
    if choice == "none":
        return set()
    failures = [row["episode"] for row in rows if not row["success"]][:FILMED_FAILURES]
    return {row["episode"] for row in rows if choice == "all" or row["episode"] == 0 or row["episode"] in failures}


def video_path(row: EpisodeRow) -> str:
    """Path of an episode's video below the run folder; different episodes never share one."""
    policy, scenario = _file_name(row["policy"]), _file_name(row["scenario"])
    return f"videos/{policy}-{scenario}-{row['perturbation']}-{row['episode']:04d}-{row['status']}.mp4"


def _file_name(name: str) -> str:
    """A name as a part of a file's name; a path gets a few letters more, as its cleaned form may be another's."""
    clean = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name).strip("-.")
    return clean if clean == name else f"{clean}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
