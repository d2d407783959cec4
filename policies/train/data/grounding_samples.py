"""Sampled grounding tasks for Kosmos-2: caption a picture, or find the object that an instruction names."""

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
CAPTION_OBJECTS = 3  # objects named in a caption
SHARE_FIND = 0.75  # of the samples ask for the object that an instruction names; the others ask for a caption
SHARE_OWN = 0.4  # of those use the episode's own instruction, which the expert's action belongs to
SHARE_ABSENT = 0.30  # of the others name an object that isn't in the picture
SHARE_HALF_TRUE = 0.7  # of those share a word with a visible object, so that both colour and shape must be recognised
SHARE_ALIKE = 0.6  # of the visible objects asked for share a word (colour or shape) with another one, where possible

ChoiceT = TypeVar("ChoiceT")


class GroundingSample(NamedTuple):
    """A prompt, which isn't learned, the answer, which is, and the objects that the prompt names."""

    prompt: str
    answer: str
    named: tuple[SeenObject, ...] | None = None  # visible objects that the prompt names; None if it names nothing
    own: bool = False  # whether the prompt is the episode's own instruction


@dataclass(frozen=True)
class _Scene:
    """A picture and the phrases that can be asked for."""

    picture: AugmentedSample
    phrases: Sequence[str]
    """Every known phrase."""
    grid: int
    """Number of cells along an edge of the picture."""

    @cached_property
    def seen(self) -> list[SeenObject]:
        """The visible objects, the largest first."""
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
        """Return the episode's instruction with another phrase in place of the target's."""
        instruction = self.picture.instruction
        pattern = instruction.replace(self.target, "{}") if self.target else "go to the {}"
        return pattern.replace("{}", phrase)

    def resembles_a_visible(self, phrase: str) -> bool:
        """Return whether a phrase shares a word with another phrase that is visible."""
        return any(phrase != other and {*phrase.split()} & {*other.split()} for other in self.visible)

    def find_all(self, phrase: str | None) -> tuple[SeenObject, ...]:
        """Return all visible objects of a phrase, the largest first."""
        return tuple(entry for entry in self.seen if entry.phrase == phrase)


def sample_grounding_task(
    picture: AugmentedSample, phrases: Sequence[str], grid: int, rng: np.random.Generator
) -> GroundingSample:
    """Sample what to learn from one picture.

    Either a grounded caption of the largest objects, or an instruction that names one object (the episode's own, as it
    is or with another phrase in place of the target's) and asks for its location; ``<object></object>`` if absent.

    Args:
        phrases: Every known phrase, to name absent objects.
    """
    scene = _Scene(picture, phrases, grid)
    if rng.random() >= SHARE_FIND:
        return _caption(scene)
    for share, is_possible, sample in _FIND_SAMPLERS:
        if is_possible(scene) and rng.random() < share:
            return sample(scene, rng)
    return _find_visible(scene, rng)


def _caption(scene: _Scene) -> GroundingSample:
    """Caption the largest objects, from left to right."""
    named = sorted(scene.seen[:CAPTION_OBJECTS], key=lambda entry: entry.box[0])
    return GroundingSample(PROMPT, "".join(format_grounded_phrase(entry, scene.grid) for entry in named))


def _find_own_target(scene: _Scene, _: np.random.Generator) -> GroundingSample:
    """Ask for the object that the episode's own instruction names."""
    there = scene.find_all(scene.target)
    answer = format_location(there[0].box, scene.grid) if there else END_OBJECT if scene.target else ""
    named = there if scene.target else None
    return GroundingSample(f"{PROMPT}{scene.picture.instruction}{OBJECT}", answer, named, own=True)


def _find_absent(scene: _Scene, rng: np.random.Generator) -> GroundingSample:
    """Ask for an object that isn't in the picture."""
    half_true = [phrase for phrase in scene.absent if scene.resembles_a_visible(phrase)]
    phrase = _sample_preferring(half_true, SHARE_HALF_TRUE, scene.absent, rng)
    return GroundingSample(f"{PROMPT}{scene.instruction_for(phrase)}{OBJECT}", END_OBJECT, ())


def _find_visible(scene: _Scene, rng: np.random.Generator) -> GroundingSample:
    """Ask for an object that is in the picture; the largest if several have the same phrase."""
    alike = [entry for entry in scene.seen if scene.resembles_a_visible(entry.phrase)]
    phrase = _sample_preferring(alike, SHARE_ALIKE, scene.seen, rng).phrase
    there = scene.find_all(phrase)
    answer = format_location(there[0].box, scene.grid)
    return GroundingSample(f"{PROMPT}{scene.instruction_for(phrase)}{OBJECT}", answer, there)


# Tried in this order, each with its share of the samples that reach it and for which it is possible.
_FIND_SAMPLERS: tuple[
    tuple[float, Callable[[_Scene], bool], Callable[[_Scene, np.random.Generator], GroundingSample]], ...
] = (
    (SHARE_OWN, lambda scene: True, _find_own_target),
    (SHARE_ABSENT, lambda scene: bool(scene.absent), _find_absent),
)


def _sample_preferring(
    preferred: Sequence[ChoiceT], share: float, every: Sequence[ChoiceT], rng: np.random.Generator
) -> ChoiceT:
    """Sample one of the preferred in a share of the cases, if there are any, and otherwise one of all."""
    choice = preferred if preferred and rng.random() < share else every
    return choice[int(rng.integers(len(choice)))]
