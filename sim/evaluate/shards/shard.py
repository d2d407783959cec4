"""A fixed part of a run: every n-th block of episodes and every n-th offline error, so that all parts take equally
long. Each part has a folder of its own, and ``python -m sim.merge`` joins them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from scenarios.common.errors import InputError

Item = TypeVar("Item")
AUTO, CLAIM = "auto", "claim"
MOST_SHARDS = 100_000
FORM = "give i/n, such as 1/4 to 4/4; 'auto' for the number that Slurm or Kubernetes gives; or 'claim'"
SLURM_INDEX, SLURM_COUNT = "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT"
SLURM_FIRST, SLURM_STEP = "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP"
KUBERNETES_INDEX, KUBERNETES_COUNT = "JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"


class Selection(Protocol):
    """Selects a part of what a run is to do."""

    def select(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Select some of the blocks, or of the offline errors."""
        ...


@dataclass(frozen=True)
class Shard:
    """A part of a run."""

    number: int
    """From 1."""
    count: int
    """Number of parts."""

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count <= MOST_SHARDS:
            raise InputError(f"there is no shard {self}: they are 1/n to n/n, and n is at most {MOST_SHARDS}")

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @property
    def folder(self) -> str:
        """Name of its folder below that of the run."""
        return f"shard-{self.number:0{len(str(self.count))}}-of-{self.count}"

    def select(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Select this part of what is to be done; over all shards, each item is selected once."""
        return tuple(items[self.number - 1 :: self.count])


WHOLE = Shard(1, 1)


def parse_shard(text: str, environment: Mapping[str, str] = os.environ) -> Shard:
    """Parse "i/n", or take the part from the environment for "auto".

    Raises:
        InputError: It is neither, there is no such part, or the environment tells none.
    """
    if text == AUTO:
        return find_shard(environment)
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text, re.ASCII)
    if found is None:
        raise InputError(f"'{text}' is not a shard: {FORM}")
    return Shard(int(found[1]), int(found[2]))


def find_shard(environment: Mapping[str, str]) -> Shard:
    """Find the part that this task of a Slurm array, or pod of a Kubernetes Indexed Job, is to do.

    Raises:
        InputError: This is neither, or a number is missing or impossible.
    """
    if SLURM_INDEX in environment:
        index, count = _read(environment, SLURM_INDEX), _read(environment, SLURM_COUNT)
        offset = index - _read(environment, SLURM_FIRST, "0")
        step = max(1, _read(environment, SLURM_STEP, "1"))
        if offset % step or not 0 <= offset // step < count:
            raise InputError(
                f"--shard auto: {SLURM_INDEX}={index} is not one of {count} tasks without gaps: submit the array as "
                f"--array=1-N, also to finish a run"
            )
        return Shard(offset // step + 1, count)
    if KUBERNETES_INDEX in environment:
        return Shard(_read(environment, KUBERNETES_INDEX) + 1, _read(environment, KUBERNETES_COUNT))
    raise InputError(
        f"--shard auto: neither {SLURM_INDEX} (of a Slurm array) nor {KUBERNETES_INDEX} (of a Kubernetes Indexed Job) "
        f"is set: give --shard i/n"
    )


def _read(environment: Mapping[str, str], name: str, default: str = "") -> int:
    text = environment.get(name, default)
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        what = f"is '{text}', not a whole number" if text else "is not set"
        hint = "; set it to the Job's number of completions" if name == KUBERNETES_COUNT else ""
        raise InputError(f"--shard auto: {name} {what}{hint}, or give --shard i/n")
    return int(text)


def replace_option(words: Sequence[str], name: str, value: str | None) -> list[str]:
    """Return a command in which an option that is there has another value, or is left out for None."""
    changed: list[str] = []
    skipped = False
    for word in words:
        if skipped:
            skipped = False
        elif word == name or word.startswith(f"{name}="):
            skipped = word == name
            changed += [] if value is None else [name, value]
        else:
            changed.append(word)
    return changed
