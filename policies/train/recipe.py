"""The recipe of what is shipped: demonstrations, backbones, cloning, DAgger. From nothing, and resumable.

Every stage leaves a file or folder under its final name only when it is complete, and skips itself if that is there;
so a recipe that was stopped goes on where it was. Data is recorded by ``python -m sim.record`` in a process of its own,
since policies know nothing of the simulation.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from transformers import Kosmos2ForConditionalGeneration, PreTrainedTokenizerBase

from policies.backbones.backbones import Backbones
from policies.backbones.clip import build_clip, compact_clip_config, load_clip
from policies.backbones.compact import (
    build_compact_backbones,
    build_compact_tokenizer,
    copy_pretrained_weights,
    special_token_ids,
)
from policies.backbones.kosmos2 import build_kosmos2, compact_kosmos2_config
from policies.backbones.pretrained import WeightsSource, load_pretrained
from policies.backbones.seeded_weights import seeded_initialisation
from policies.hybrid.build import build_hybrid_from_backbones
from policies.hybrid.network import Hybrid
from policies.train.data.frame_store import FrameStore, collect_texts, open_store
from policies.train.loop.precision import CPU
from policies.train.loop.run_config import PLAN_FILE
from policies.train.loop.trainer import OptimizerConfig
from policies.train.tasks.cloning import CloneOptions, clone_behaviour
from policies.train.tasks.contrastive import train_clip
from policies.train.tasks.grounding import train_kosmos2
from policies.train.tasks.pretraining import PretrainOptions
from scenarios.common.errors import InputError
from scenarios.common.files import create_folder
from scenarios.common.splits import check_split
from scenarios.registry import SCENARIOS

EXPERT = "expert"
REPLAY_STRIDE = 3  # a round learns every recovery, and the demonstrations by turns: one in so many


@dataclass(frozen=True)
class CollectionSpec:
    """One data set to record of each family: a suite seed, and how many episodes."""

    seed: int
    episodes: int


@dataclass(frozen=True)
class Recipe:
    """All numbers of a training run.

    Attributes:
        families: Which scenario families are recorded.
        demonstrations, validation: The expert's episodes to learn from and to measure error on.
        clip, kosmos2: How the backbones are pretrained.
        cloning: How the hybrid is cloned.
        rounds: DAgger: what each round records; ``round_cloning`` is how it then trains on, over all recoveries so far
            and a part of the demonstrations.
        finish: How it is trained at last, over all demonstrations and recoveries: rounds forget some of the former.
        workers: Processes that record.
        device: What trains.
    """

    families: tuple[str, ...] = tuple(SCENARIOS)
    demonstrations: CollectionSpec = CollectionSpec(1000, 300)
    validation: CollectionSpec = CollectionSpec(2000, 10)
    clip: PretrainOptions = field(default_factory=lambda: PretrainOptions(steps=500))
    kosmos2: PretrainOptions = field(default_factory=lambda: PretrainOptions(steps=750))
    cloning: CloneOptions = field(default_factory=CloneOptions)
    rounds: tuple[CollectionSpec, ...] = tuple(CollectionSpec(1100 + number, 60) for number in range(2))
    round_cloning: CloneOptions = field(
        default_factory=lambda: CloneOptions(OptimizerConfig(epochs=2, learning_rate=8e-4, warmup=0.06))
    )
    finish: CloneOptions = field(
        default_factory=lambda: CloneOptions(OptimizerConfig(epochs=2, learning_rate=6e-4, warmup=0.03, seed=1010))
    )
    workers: int = 2
    device: torch.device = CPU

    def as_config(self) -> dict[str, Any]:
        """What the result depends on, for ``save_or_verify_config``."""
        made = asdict(self)
        del made["workers"], made["device"]
        return made

    def __post_init__(self) -> None:
        for recording in (self.demonstrations, *self.rounds):
            check_split("train", recording.seed)
        check_split("validation", self.validation.seed)


def train_hybrid(recipe: Recipe, work: Path, out: Path, console: Console) -> Hybrid:
    """Make a hybrid from nothing.

    Args:
        work: Where data, caches, logs and intermediate checkpoints go; a second call goes on from what it holds.
        out: The final checkpoint's folder.
    """
    train, validation = load_demonstrations(recipe, work, console), load_validation_set(recipe, work, console)
    model = train_cloned_hybrid(recipe, work, console)
    folder = cloned_hybrid_folder(work)
    recoveries: list[FrameStore] = []
    for number, entry in enumerate(recipe.rounds, start=1):
        recoveries += collect_on_policy(recipe, entry, folder, work, console)
        known = [replace(store, episodes=store.episodes[number % REPLAY_STRIDE :: REPLAY_STRIDE]) for store in train]
        folder = work / f"round-{number}"
        course = replace(recipe.round_cloning.course, seed=recipe.round_cloning.course.seed + number)
        options = replace(recipe.round_cloning, course=course)
        model = _clone_once(model, known + recoveries, validation, options, folder, console, recipe.device)
    folder = work / "finished"
    model = _clone_once(model, list(train) + recoveries, validation, recipe.finish, folder, console, recipe.device)
    publish_checkpoint(folder, out)
    console.print(f"the hybrid stands in {out}")
    return model


def load_demonstrations(recipe: Recipe, work: Path, console: Console) -> list[FrameStore]:
    """The expert's training episodes of every family."""
    return _stores(recipe, recipe.demonstrations, EXPERT, work, console)


def load_validation_set(recipe: Recipe, work: Path, console: Console) -> list[FrameStore]:
    """The expert's validation episodes of every family."""
    return _stores(recipe, recipe.validation, EXPERT, work, console)


def collect_on_policy(
    recipe: Recipe, entry: CollectionSpec, driver: Path, work: Path, console: Console
) -> list[FrameStore]:
    """Episodes of every family that a checkpoint drove, with the expert's answers in the states that it visited."""
    return _stores(recipe, entry, str(driver), work, console)


def train_backbones(recipe: Recipe, train: Sequence[FrameStore], work: Path, console: Console) -> Backbones:
    """Both backbones, pretrained on the demonstrations and kept in ``work``."""
    folder = work / "backbones"
    tokenizer = build_compact_tokenizer(collect_texts(train))
    _build_once(folder, lambda out: pretrain_backbones(tokenizer, train, recipe, work, console).save_pretrained(out))
    return Backbones.from_pretrained(folder)


def train_cloned_hybrid(recipe: Recipe, work: Path, console: Console) -> Hybrid:
    """The hybrid, cloned from the demonstrations alone and kept in ``cloned_hybrid_folder``."""
    train, validation = load_demonstrations(recipe, work, console), load_validation_set(recipe, work, console)
    model = build_hybrid_from_backbones(train_backbones(recipe, train, work, console), recipe.cloning.course.seed)
    return _clone_once(model, train, validation, recipe.cloning, cloned_hybrid_folder(work), console, recipe.device)


def cloned_hybrid_folder(work: Path) -> Path:
    """Where the hybrid stands before it has seen what it gets itself into."""
    return work / "cloned"


def publish_checkpoint(folder: Path, out: Path) -> None:
    """Copy a checkpoint, without what only a resume needs, to its final place; what is there gives way."""
    ignored = shutil.ignore_patterns("state.pt", "done", "training.csv", PLAN_FILE)
    with create_folder(out) as partial:
        shutil.copytree(folder, partial, ignore=ignored, dirs_exist_ok=True)
        shutil.rmtree(out, ignore_errors=True)


def _stores(recipe: Recipe, entry: CollectionSpec, driver: str, work: Path, console: Console) -> list[FrameStore]:
    """The stores of one recording, a family each."""
    return [
        open_store(_record_once(recipe, family, entry, driver, work, console), work / "cache")
        for family in recipe.families
    ]


def _record_once(recipe: Recipe, family: str, entry: CollectionSpec, driver: str, work: Path, console: Console) -> Path:
    """The data set of one entry and family, recorded if it isn't there; its log stands beside it."""
    arguments = [
        *("--policy", driver, "--scenario", family, "--episodes", str(entry.episodes), "--seed", str(entry.seed)),
        *("--workers", str(recipe.workers), *(("--captions", "2") if driver == EXPERT else ("--label", EXPERT))),
    ]
    return run_record_command(
        work / "data" / f"{family}-{entry.seed}-{entry.episodes}-{Path(driver).name}", arguments, console
    )


def run_record_command(folder: Path, arguments: Sequence[str], console: Console) -> Path:
    """Run ``python -m sim.record`` unless ``folder`` is there already; its output goes to a log beside the folder.

    Raises:
        InputError: the recording failed.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = [sys.executable, "-m", "sim.record", *arguments, "--out", str(partial)]
    console.print(f"recording {folder.name}: {' '.join(arguments)}")
    log = folder.with_suffix(".log")
    with open(log, "w") as file:
        status = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False).returncode
    if status != 0:
        last = (log.read_text().strip().splitlines() or ["no output"])[-1]
        raise InputError(f"recording failed with exit code {status}: {last} (see {log})")
    partial.rename(folder)
    return folder


def pretrain_backbones(
    tokenizer: PreTrainedTokenizerBase,
    train: Sequence[FrameStore],
    recipe: Recipe,
    work: Path,
    console: Console,
) -> Backbones:
    """Compact backbones trained on the captioned frames of some stores.

    Each backbone is kept in ``work`` (``clip``, ``kosmos2``; whole, as transformers saves it), and taken from there if
    it is there already.
    """
    ids, seed = special_token_ids(tokenizer), recipe.clip.course.seed
    with seeded_initialisation(seed):
        clip, kosmos2 = build_clip(compact_clip_config(**ids)), build_kosmos2(compact_kosmos2_config(**ids))
    _build_once(
        work / "kosmos2",
        lambda out: train_kosmos2(kosmos2, tokenizer, train, recipe.kosmos2, out, console, recipe.device),
    )
    _build_once(
        work / "clip",
        lambda out: train_clip(clip, tokenizer, train, recipe.clip, out, console, recipe.device),
    )
    trained = load_pretrained(Kosmos2ForConditionalGeneration, WeightsSource(str(work / "kosmos2")))
    return copy_pretrained_weights(
        build_compact_backbones(tokenizer, seed), load_clip(WeightsSource(str(work / "clip"))), trained
    )


def _build_once(folder: Path, fill: Callable[[Path], None]) -> None:
    """Have a folder filled that isn't there; it gets its name once it is complete."""
    if not folder.is_dir():
        partial = folder.with_name(f"{folder.name}.partial")
        fill(partial)
        partial.rename(folder)


def _clone_once(
    model: Hybrid,
    train: Sequence[FrameStore],
    validation: Sequence[FrameStore],
    options: CloneOptions,
    folder: Path,
    console: Console,
    device: torch.device,
) -> Hybrid:
    """``clone_behaviour`` as a stage: ``done`` marks its end, ``state.pt`` lets it go on."""
    if not (folder / "done").is_file():
        clone_behaviour(model, train, validation, options, folder, resume=True, console=console, device=device)
        (folder / "done").write_text("")
    return Hybrid.from_pretrained(folder)
