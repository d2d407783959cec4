"""Row of one episode in ``episodes.jsonl``: its type and its columns."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from scenarios.common.files import LONGEST_NAME, shorten_name
from scenarios.world import PhraseKind
from sim.metrics.metric_values import MetricValues
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
_METRIC_TYPES = {float, NoneType}
_DISTINCT = {"digest", "video"}  # columns in which hardly any two rows have the same text


@dataclass(frozen=True, kw_only=True, slots=True)
class EpisodeRow:
    """Result of one episode. The fields are the columns, in order."""

    policy: str
    """Name or folder."""
    scenario: str
    """Name, or file as it was typed."""
    perturbation: str
    """Axes and levels, as "lighting=2+latency=1"; "none" without any."""
    episode: int
    """Number of the episode in its cell."""
    seed: int
    """Seed of the suite; with the scenario and the number it determines the world."""
    status: EpisodeStatus
    """Status that ended the episode."""
    success: bool
    """True if the episode succeeded."""
    failure: str | None = None
    """Failure kind, which may be more precise than the status; None for a success."""
    touched: str | None = None
    """Label of the item that the robot hit; None if it hit nothing."""
    goal: str | None = None
    """Name of the target that the instruction names; None if the episode never ended."""
    reached: str | None = None
    """Name of the target that ended the episode; None if none did."""
    instruction: str | None = None
    """The instruction that the policy was given."""
    phrase: PhraseKind | None = None
    """Whether the instruction's phrase stands in training ("seen") or is held out from it ("unseen"); None if neither
    is known, as for a paraphrase."""
    steps: int
    """Control steps that were driven."""
    metrics: Mapping[str, float | None] = field(metadata={FLAT: True})
    """By name, each a column of its own: see ``sim.metrics.registry``; None where one is undefined."""
    digest: str | None = None
    """SHA-256 over all frames, states and actions; None if the episode never ended."""
    video: str | None = None
    """Path of the video below the run folder; None if it wasn't filmed."""
    error: str | None = None
    """Error of the policy, in one line; None unless the status is "policy-fault"."""
    made_by: str | None = None
    """What the row was made by: a name that ``made_by`` of the manifest explains if there are several; None in a run of
    an older version."""

    @property
    def cell(self) -> Cell:
        """The cell of the episode."""
        return Cell(self.policy, self.scenario, self.perturbation)

    @property
    def key(self) -> RowKey:
        """Unique key of the row in its run."""
        return self.policy, self.scenario, self.perturbation, self.episode

    @property
    def ending(self) -> str:
        """Ending of the episode: "success", or its failure kind, or its status if no kind is known."""
        return "success" if self.success else self.failure or self.status


def column_names() -> tuple[str, ...]:
    """Return the names of all columns, in order."""
    return tuple(column_types())


def column_types() -> dict[str, type]:
    """Return the types of all columns, in order: ``bool``, ``int``, ``float`` or ``str``."""
    types: dict[str, type] = {}
    for name, allowed in _allowed_types().items():
        if allowed is None:
            types.update(dict.fromkeys(metric_names(), float))
        else:
            types[name] = next((kind for kind in (bool, int) if kind in allowed), str)
    return types


@cache
def _allowed_types() -> dict[str, frozenset[type] | None]:
    """The types of the values of each field, in order; None for the field of the metrics."""
    hints = get_type_hints(EpisodeRow)
    return {
        each.name: None
        if each.metadata.get(FLAT)
        else frozenset(str if get_origin(kind) is Literal else kind for kind in _alternatives(hints[each.name]))
        for each in fields(EpisodeRow)
    }


@cache
def _allowed_words() -> dict[str, frozenset[str | None]]:
    """The values of each field that has one of few."""
    hints = get_type_hints(EpisodeRow)
    words: dict[str, frozenset[str | None]] = {}
    for each in fields(EpisodeRow):
        literals = [kind for kind in _alternatives(hints[each.name]) if get_origin(kind) is Literal]
        if literals:
            words[each.name] = frozenset((*(word for kind in literals for word in get_args(kind)), None))
    return words


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """The types that a union consists of; any other type alone."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def read_row(value: Any, where: str) -> EpisodeRow:
    """Read a row from the result of ``json.loads``.

    Unknown columns are kept if they are numbers, as they may be metrics of another version; others are ignored.

    Raises:
        InputError: It isn't a row; names ``where``.
    """
    if isinstance(value, dict):
        if (row := _read_complete(value)) is not None:
            return row
        known = column_names()
        value = {name: entry for name, entry in value.items() if name in known or _is_metric(entry)}
    return from_json(EpisodeRow, value, where)


def _read_complete(value: dict[str, Any]) -> EpisodeRow | None:
    """Read a row that has exactly the present columns, of the right types; None for any other.

    A long run has many rows, so this is quick, and a row takes little memory: texts that many rows have are kept once.
    """
    names = metric_names()
    if tuple(value) != _columns(names):
        return None
    arguments: dict[str, Any] = {}
    for name, allowed, is_shared in _plain_fields():
        entry = value[name]
        if type(entry) not in allowed:
            return None
        arguments[name] = sys.intern(entry) if is_shared and entry is not None else entry
    if any(arguments[name] not in words for name, words in _allowed_words().items()):
        return None
    values = [value[name] for name in names]
    if not set(map(type, values)) <= _METRIC_TYPES:
        return None
    return EpisodeRow(metrics=MetricValues(names, values), **arguments)


@cache
def _columns(metrics: tuple[str, ...]) -> tuple[str, ...]:
    """The names of all columns, in order, with these metrics."""
    return tuple(
        column for name, allowed in _allowed_types().items() for column in (metrics if allowed is None else (name,))
    )


@cache
def _plain_fields() -> tuple[tuple[str, frozenset[type], bool], ...]:
    """Each field but the metrics, with its types, and whether it is a text that many rows may have."""
    return tuple(
        (name, allowed, str in allowed and name not in _DISTINCT)
        for name, allowed in _allowed_types().items()
        if allowed is not None
    )


def _is_metric(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def new_row(
    cell: Cell,
    episode: Episode,
    outcome: Outcome,
    score: EpisodeScore,
    digest: str,
    phrase: PhraseKind | None = None,
    instruction: str | None = None,
) -> EpisodeRow:
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
        instruction=instruction,
        phrase=phrase,
        steps=outcome.steps,
        metrics=score.metrics,
        digest=digest,
        error=outcome.error,
    )


def policy_fault_row(
    cell: Cell, episode: Episode, error: str, phrase: PhraseKind | None = None, instruction: str | None = None
) -> EpisodeRow:
    """Make the row of an episode cut short by a policy error, which counts as a failure."""
    return EpisodeRow(
        policy=cell.policy,
        scenario=cell.scenario,
        perturbation=cell.perturbation,
        episode=episode.number,
        seed=episode.suite_seed,
        status=POLICY_FAULT,
        success=False,
        failure=POLICY_FAULT,
        instruction=instruction,
        phrase=phrase,
        steps=0,
        metrics=fault_metrics(),
        error=error,
    )


def select_filmed(rows: Sequence[EpisodeRow], choice: VideoChoice) -> set[int]:
    """Select the episodes of a block that get a video, by number.

    The first episode of a cell always gets one, unless the choice is 'none'. 'failures' selects at most
    ``FILMED_FAILURES`` per block: making a video takes longer than driving its episode.
    """
    if choice == "none":
        return set()
    failures = [row.episode for row in rows if not row.success][:FILMED_FAILURES]
    return {row.episode for row in rows if choice == "all" or row.episode == 0 or row.episode in failures}


def video_path(row: EpisodeRow) -> str:
    """Return the path of an episode's video below the run folder; it is unique."""
    cell = "-".join((_file_name(row.policy), _file_name(row.scenario), row.perturbation))
    end = f"-{row.episode:04d}-{row.status}.mp4"
    return f"videos/{shorten_name(cell, LONGEST_NAME - len(end))}{end}"


def _file_name(name: str) -> str:
    """A name as part of a file name; a changed name gets a hash, so that it stays unique."""
    clean = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name).strip("-.")
    return clean if clean == name else f"{clean}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
