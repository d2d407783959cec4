"""Paraphrases of instructions, from templates that keep all information."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter

from scenarios.registry import SCENARIOS
from scenarios.world import Task, World

IMPLIED_WORDS = frozenset(("doorway", "doorways"))  # filled in by a family; leaving them out loses no information
OPPOSITE_SIDE = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class TaskTemplates:
    """Templates for one kind of task.

    Attributes:
        applies_to: Returns whether a task is of this kind.
        familiar: Other sentences in the words of the families, with ``{target}``, ``{side}`` and the slots.
        unfamiliar: Sentences with other words and another word order.
        slots: Finds further information in an instruction, as named groups.
    """

    applies_to: Callable[[Task], bool]
    familiar: tuple[str, ...]
    unfamiliar: tuple[str, ...]
    slots: re.Pattern[str] | None = None


TASK_TEMPLATES = (
    TaskTemplates(
        lambda task: task.side is None and not task.must_stay,
        (
            "go to the {target} and stop there",
            "find the {target} and head for it",
            "move up to the {target} and stop",
            "make your way to the {target}",
            "the {target} is there: navigate to it",
        ),
        (
            "I want you beside the {target} when you are done",
            "see the {target}? bring yourself over, right next to that one",
            "your destination today: the {target}",
            "let's have you parked close by the {target}, please",
            "whatever else you meet, finish where the {target} stands",
        ),
    ),
    TaskTemplates(
        lambda task: task.side is None and task.must_stay,
        (
            "stay with the {target}",
            "go after the {target} and stay alongside",
            "catch up with the {target} and keep up with it",
            "follow the {target} wherever it leads",
        ),
        (
            "never let the {target} out of your reach, be its shadow",
            "accompany the {target}, please, neither bumping nor falling back",
            "as soon as you have found the {target}, tag along as a dog would",
        ),
    ),
    TaskTemplates(
        lambda task: task.side is not None,
        (
            "Track the {target} by going {side} around the {boxes}",
            "By going {side} around the {boxes} navigate to the {target}",
            "Navigate to the {target} by going {side} around the {boxes}",
        ),
        (
            "you want the {target}: choose the {side} passage, not hitting the {boxes}",
            "please use the gap to the {side} of the {boxes}, then pull up at the {target}",
            "reach the {target}, but only via the {side} flank of the {boxes}",
        ),
        re.compile(r"(?P<boxes>(?:single|two|\d+) box obstacles?)"),
    ),
)

# For instructions with other information: wrappers around the whole sentence.
FAMILIAR_WRAPPERS = ("please {instruction}", "{instruction}, please", "robot, {instruction}")
UNFAMILIAR_WRAPPERS = (
    "here is what I'd like you to do for me today: {instruction}",
    "my colleague asked whether you could do this: {instruction}. thanks a lot!",
    "listen up, your next job, as written on my list, reads as follows: {instruction}",
)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w'-]+", text.lower()))


def known_words(unseen: bool = False) -> frozenset[str]:
    """Return all words of the families' phrases, without the placeholders, in lower case.

    All phrases of a family mean the same, so only their placeholders carry information.

    Args:
        unseen: Also return the words of the phrases that are held out from training.
    """
    specs = [scenario.spec for scenario in SCENARIOS.values()]
    kinds = [spec.phrases for spec in specs] + [spec.unseen_phrases for spec in specs if unseen]
    phrases = (phrase for kind in kinds for phrase in kind.options)
    texts = (text for phrase in phrases for text, *_ in Formatter().parse(phrase))
    return IMPLIED_WORDS.union(*map(_words, texts))


def find_goal_phrase(world: World) -> str | None:
    """Return the words in the instruction that name the goal, if they occur exactly once.

    They are its description, or "target" and its last word, as in the published "target cup".
    """
    goal = world.task.goal
    ways = (goal.description, f"target {goal.description.split()[-1]}")
    return next((words for words in ways if world.instruction.count(words) == 1), None)


def paraphrase_instruction(world: World, unfamiliar: bool) -> tuple[str, ...]:
    """Return sentences that mean the same as the world's instruction, without the instruction itself.

    Args:
        world: The world with the instruction.
        unfamiliar: Use words that no scenario uses; otherwise words that scenarios use for this kind of task.
    """
    told, target, slots = world.instruction, find_goal_phrase(world), {}
    if target is not None:
        rest, side = told.replace(target, " "), world.task.side
        if side is not None:
            rest = re.sub(rf"\b{side.name}\b", " ", rest)
            slots["side"] = side.name
        kind = next(kind for kind in TASK_TEMPLATES if kind.applies_to(world.task))
        match = kind.slots.search(rest) if kind.slots else None
        found = {**slots, **(match.groupdict() if match else {})}
        left = rest.replace(match.group(), " ") if match else rest
        templates = kind.unfamiliar if unfamiliar else kind.familiar
        if _words(left) <= known_words(unseen=True) and all(_fits(template, found) for template in templates):
            sentences = (template.format(target=target, **found) for template in templates)
            return tuple(sentence for sentence in sentences if sentence != told)
    return tuple(frame.format(instruction=told) for frame in (UNFAMILIAR_WRAPPERS if unfamiliar else FAMILIAR_WRAPPERS))


def _fits(template: str, slots: dict[str, str]) -> bool:
    """Return whether a template contains exactly the information of the instruction."""
    return {name for _, name, _, _ in Formatter().parse(template) if name} == {"target", *slots}
