"""What Kosmos-2 learns from a picture, drawn at random: to caption it, or to find what an instruction names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np

from policies.backbones.text.tokenizer import BOS, END_IMAGE, END_OBJECT, GROUNDING, IMAGE, OBJECT
from policies.dataset import SeenObject
from policies.train.data.caption_samples import (
    AugmentedSample,
    format_grounded_phrase,
    format_location,
    measure_box_area,
)

PROMPT = f"{BOS}{IMAGE}{END_IMAGE}{GROUNDING}"
CAPTION_OBJECTS = 3  # things named in a caption
SHARE_FIND = 0.75  # of the samples find what a sentence names; the others caption
SHARE_OWN = 0.4  # of those are the episode's own instruction, and what the expert does under it
SHARE_ABSENT = 0.30  # of the others name something that isn't in the picture
SHARE_HALF_TRUE = 0.7  # of those name it by half the name of what is: the other half must then be looked at, too
SHARE_ALIKE = 0.6  # of what is in the picture shares a word with another thing there, if it can: a colour, a shape

ChoiceT = TypeVar("ChoiceT")


class GroundingSample(NamedTuple):
    """What stands before the answer, which isn't learned, the answer, and where the prompt's words point."""

    prompt: str
    answer: str
    named: tuple[SeenObject, ...] | None = None  # what the prompt names: () if it isn't there, None if it names nothing
    own: bool = False  # whether the prompt is the episode's own instruction


@dataclass(frozen=True)
class _Scene:
    """A picture, and what can be asked about it."""

    picture: AugmentedSample
    phrases: Sequence[str]
    """Every phrase there is."""
    grid: int
    """Cells of the picture along an edge."""

    @cached_property
    def seen(self) -> list[SeenObject]:
        """What is visible, the largest first."""
        return sorted(self.picture.objects, key=measure_box_area, reverse=True)

    @cached_property
    def visible(self) -> set[str]:
        return {entry.phrase for entry in self.seen}

    @cached_property
    def absent(self) -> list[str]:
        return [phrase for phrase in self.phrases if phrase not in self.visible]

    @cached_property
    def target(self) -> str | None:
        """The phrase that the episode's instruction names."""
        return next((p for p in sorted(self.phrases, key=len, reverse=True) if p in self.picture.instruction), None)

    def instruction_for(self, phrase: str) -> str:
        """The episode's words with a phrase in the place of the target's."""
        instruction = self.picture.instruction
        pattern = instruction.replace(self.target, "{}") if self.target else "go to the {}"
        return pattern.replace("{}", phrase)

    def resembles_a_visible(self, phrase: str) -> bool:
        """Whether a phrase could be taken for another that is visible, by half of its words."""
        return any(phrase != other and {*phrase.split()} & {*other.split()} for other in self.visible)

    def find_all(self, phrase: str | None) -> tuple[SeenObject, ...]:
        """Everything of one name, the largest first."""
        return tuple(entry for entry in self.seen if entry.phrase == phrase)


def sample_grounding_task(
    picture: AugmentedSample, phrases: Sequence[str], grid: int, rng: np.random.Generator
) -> GroundingSample:
    """Draw what to learn from one picture.

    Either a grounded caption of some of what is seen, or an instruction that names one thing (the episode's own words,
    as they are or with any thing's phrase in the place of the target's) and asks where it is; ``<object></object>`` if
    nowhere.

    Args:
        phrases: Every phrase there is, to name absent things.
    """
    scene = _Scene(picture, phrases, grid)
    if rng.random() >= SHARE_FIND:
        return _caption(scene)
    for share, is_possible, sample in _FIND_SAMPLERS:
        if is_possible(scene) and rng.random() < share:
            return sample(scene, rng)
    return _find_visible(scene, rng)


def _caption(scene: _Scene) -> GroundingSample:
    """Caption the largest things, from left to right."""
    named = sorted(scene.seen[:CAPTION_OBJECTS], key=lambda entry: entry.box[0])
    return GroundingSample(PROMPT, "".join(format_grounded_phrase(entry, scene.grid) for entry in named))


def _find_own_target(scene: _Scene, _: np.random.Generator) -> GroundingSample:
    """Find what the episode's own instruction names."""
    there = scene.find_all(scene.target)
    answer = format_location(there[0].box, scene.grid) if there else END_OBJECT if scene.target else ""
    named = there if scene.target else None
    return GroundingSample(f"{PROMPT}{scene.picture.instruction}{OBJECT}", answer, named, own=True)


def _find_absent(scene: _Scene, rng: np.random.Generator) -> GroundingSample:
    """Be asked for something that isn't in the picture."""
    half_true = [phrase for phrase in scene.absent if scene.resembles_a_visible(phrase)]
    phrase = _draw_preferring(half_true, SHARE_HALF_TRUE, scene.absent, rng)
    return GroundingSample(f"{PROMPT}{scene.instruction_for(phrase)}{OBJECT}", END_OBJECT, ())


def _find_visible(scene: _Scene, rng: np.random.Generator) -> GroundingSample:
    """Find something that is in the picture; the largest of several of one name."""
    alike = [entry for entry in scene.seen if scene.resembles_a_visible(entry.phrase)]
    phrase = _draw_preferring(alike, SHARE_ALIKE, scene.seen, rng).phrase
    there = scene.find_all(phrase)
    answer = format_location(there[0].box, scene.grid)
    return GroundingSample(f"{PROMPT}{scene.instruction_for(phrase)}{OBJECT}", answer, there)


# Tried in this order: the share of the samples that come so far and for which it is possible.
_FIND_SAMPLERS: tuple[
    tuple[float, Callable[[_Scene], bool], Callable[[_Scene, np.random.Generator], GroundingSample]], ...
] = (
    (SHARE_OWN, lambda scene: True, _find_own_target),
    (SHARE_ABSENT, lambda scene: bool(scene.absent), _find_absent),
)


def _draw_preferring(
    preferred: Sequence[ChoiceT], share: float, every: Sequence[ChoiceT], rng: np.random.Generator
) -> ChoiceT:
    """Draw one of the preferred in a share of the cases, if there are any, and otherwise one of all."""
    choice = preferred if preferred and rng.random() < share else every
    return choice[int(rng.integers(len(choice)))]
