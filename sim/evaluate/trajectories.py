"""``trajectories.parquet``: pose, command, the expert's command and clearance at every step of every episode.

Each block writes its part as it ends; at the end of a run the parts become one table, one block in memory at a time.
"""

from __future__ import annotations

import contextlib
import hashlib
import heapq
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from scenarios.common.errors import InputError
from scenarios.common.files import replace_file
from scenarios.robot import CONTROL_PERIOD_S
from sim.results.folder import EpisodeRows
from sim.results.plan import BLOCK_EPISODES, Block, RunPlan
from sim.results.run_files import TRAJECTORIES
from sim.rollout.trace import EpisodeTrace

PARTS = "trajectories"  # folder of the blocks' parts, until they are merged
GROUP_ROWS = 100_000  # of the merged table's row groups
NAMES = ("policy", "scenario", "perturbation")
POSE = ("x_m", "y_m", "yaw_rad")
COMMAND = ("vx", "vy", "wz")
NUMBERS = ("time_s", *POSE, *COMMAND, *(f"expert_{axis}" for axis in COMMAND), "clearance_m")

BlockKey = tuple[str, str, str, int]
"""Policy, scenario, perturbation and the first episode."""


def write_trajectories(out: Path, block: Block, traces: Sequence[EpisodeTrace]) -> None:
    """Write the part of a block into the folder of its run, without pyarrow, which takes much of a worker's memory."""
    path = _part(out, block)
    path.parent.mkdir(exist_ok=True)
    lengths = [len(trace.poses) for trace in traces]
    with replace_file(path) as temporary, temporary.open("wb") as stream:
        np.savez(
            stream,
            episode=np.repeat([trace.episode.number for trace in traces], lengths).astype(np.int32),
            step=np.concatenate([np.arange(length) for length in lengths]).astype(np.int32),
            numbers=np.concatenate([_gather_numbers(trace) for trace in traces]).astype(np.float32),
        )


def _read_part(path: Path, block: Block) -> Any:
    """The table of a block: one row for each state; the last state of an episode has no command."""
    import pyarrow as pa

    with _named_damage(path), np.load(path, allow_pickle=False) as part:
        episode, step, numbers = part["episode"], part["step"], part["numbers"]
        columns = {name: pa.array([getattr(block.cell, name)] * len(step)).dictionary_encode() for name in NAMES}
        columns |= {"episode": pa.array(episode), "step": pa.array(step)}
        for name, values in zip(NUMBERS, numbers.T, strict=True):
            columns[name] = pa.array(values, from_pandas=True)  # NaN becomes null
        return pa.table(columns, schema=_schema())


@contextlib.contextmanager
def _named_damage(path: Path) -> Iterator[None]:
    """Name a file of trajectories that can't be read in this context.

    Raises:
        InputError: It can't be read; says how to go on without it.
    """
    try:
        yield
    except (OSError, ValueError, LookupError, EOFError, ArithmeticError, BadZipFile, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"'{path}' is damaged ({reason}): delete it to go on without the trajectories in it, and add --resume"
        ) from error


def _schema() -> Any:
    import pyarrow as pa

    kinds = {name: pa.dictionary(pa.int32(), pa.string()) for name in NAMES}
    return pa.schema({**kinds, "episode": pa.int32(), "step": pa.int32(), **dict.fromkeys(NUMBERS, pa.float32())})


def _gather_numbers(trace: EpisodeTrace) -> np.ndarray:
    """(t+1, 11) the columns of ``NUMBERS``; NaN where the last state has no command."""
    none = np.full((1, len(COMMAND)), np.nan)
    return np.column_stack(
        [
            np.arange(len(trace.poses)) * CONTROL_PERIOD_S,
            trace.poses,
            np.concatenate([trace.actions, none]),
            np.concatenate([trace.labels, none]),
            trace.clearance_m,
        ]
    )


def _part(out: Path, block: Block) -> Path:
    return out / PARTS / f"{hashlib.sha256(repr(_key(block)).encode()).hexdigest()[:16]}.npz"


def _key(block: Block) -> BlockKey:
    return block.cell.policy, block.cell.scenario, block.cell.perturbation, block.first


def merge_trajectories(out: Path, plan: RunPlan, rows: EpisodeRows) -> None:
    """Merge the parts of all finished blocks into the table of the run, and delete them.

    A block that was driven again replaces its earlier trajectories. Interrupted at any time, it can be repeated.
    """
    parts = {
        _key(block): path for block in plan.blocks if rows.has_block(block) and (path := _part(out, block)).is_file()
    }
    if not parts:
        return
    _write_table(out, _ordered_blocks(plan, parts, _read_blocks(out / TRAJECTORIES)))
    for path in parts.values():
        path.unlink()
    if not any((out / PARTS).iterdir()):
        shutil.rmtree(out / PARTS)


def join_trajectories(out: Path, plan: RunPlan, folders: Iterable[Path]) -> None:
    """Join the tables of several folders of one run, each in the order of the plan, into that of ``out``.

    Of a block that several of them hold, the first one's is taken. One block of each is in memory at a time.
    """
    paths = [path for folder in folders if (path := folder / TRAJECTORIES).is_file()]
    if not paths:
        return
    places = {_key(block): place for place, block in enumerate(plan.blocks)}
    blocks = heapq.merge(*(_read_blocks(path) for path in paths), key=lambda block: places[block[0]])
    _write_table(out, (table for _, table in _drop_repeated(blocks)))


def _drop_repeated(blocks: Iterable[tuple[BlockKey, Any]]) -> Iterator[tuple[BlockKey, Any]]:
    last = None
    for key, table in blocks:
        if key != last:
            yield key, table
        last = key


def _write_table(out: Path, blocks: Iterator[Any]) -> None:
    import pyarrow.parquet as pq

    with (
        replace_file(out / TRAJECTORIES) as temporary,
        pq.ParquetWriter(temporary, _schema(), compression="zstd") as writer,
    ):
        for group in _groups(blocks):
            writer.write_table(group)


def _ordered_blocks(
    plan: RunPlan, parts: Mapping[BlockKey, Path], earlier: Iterator[tuple[BlockKey, Any]]
) -> Iterator[Any]:
    """The tables of all blocks in the order of the plan, which is also that of the earlier table."""
    key, table = next(earlier, (None, None))
    for block in plan.blocks:
        wanted = _key(block)
        if wanted in parts:
            yield _read_part(parts[wanted], block)
        elif wanted == key:
            yield table
        if wanted == key:
            key, table = next(earlier, (None, None))


def _read_blocks(path: Path) -> Iterator[tuple[BlockKey, Any]]:
    """The blocks of a merged table one by one, in its order; none if there is no table."""
    if not path.is_file():
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    pending: list[Any] = []
    last: BlockKey | None = None
    with contextlib.ExitStack() as stack:
        with _named_damage(path):
            file = stack.enter_context(pq.ParquetFile(path))
        for number in range(file.num_row_groups):
            with _named_damage(path):
                blocks = list(_split(file.read_row_group(number, columns=[*NAMES, "episode", "step", *NUMBERS])))
            for key, table in blocks:
                if last is not None and key != last:
                    yield last, pa.concat_tables(pending)
                    pending = []
                last = key
                pending.append(table)
    if last is not None:
        yield last, pa.concat_tables(pending)


def _split(group: Any) -> Iterator[tuple[BlockKey, Any]]:
    """The blocks of a row group, whose rows stand together."""
    names = [group.column(name).to_pylist() for name in NAMES]
    firsts = [episode - episode % BLOCK_EPISODES for episode in group.column("episode").to_pylist()]
    keys: list[BlockKey] = list(zip(*names, firsts, strict=True))
    starts = [row for row in range(len(keys)) if row == 0 or keys[row] != keys[row - 1]]
    for start, end in zip(starts, [*starts[1:], len(keys)], strict=True):
        yield keys[start], group.slice(start, end - start)


def _groups(tables: Iterator[Any]) -> Iterator[Any]:
    """Tables of about ``GROUP_ROWS`` rows, in order."""
    import pyarrow as pa

    waiting: list[Any] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= GROUP_ROWS:
            yield pa.concat_tables(waiting).unify_dictionaries()
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting).unify_dictionaries()
