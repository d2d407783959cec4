"""How else an instruction can be said: by the words that it uses, so that nothing that it tells is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter

from scenarios.world import World

OPPOSITE = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Kind:
    """One kind of instruction.

    Attributes:
        words: All that sentences of this kind may hold beside their target, side and slots, in lower case.
        near: Other sentences of these words, with ``{target}``, ``{side}`` and the slots.
        far: Sentences of other words in other orders.
        slots: Finds what else such a sentence tells, as named groups.
    """

    words: frozenset[str]
    near: tuple[str, ...]
    far: tuple[str, ...]
    slots: re.Pattern[str] | None = None


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w'-]+", text.lower()))


# An instruction is of the first kind that allows for each of its words.
KINDS = (
    Kind(
        _words(
            "drive go navigate move find make head get cross pass reach mind let stop down through past up around "
            "among between forward without touching for to and at on in of not then is the a it there any other others "
            "only anything anyone all your way side far end narrow corridor hall doorway doorways walls boxes "
            "obstacles furniture things people"
        ),
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
    Kind(
        _words(
            "follow catch keep stay go drive up after with alongside close wherever leads that it the and without "
            "touching anything"
        ),
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
    Kind(
        _words("navigate around the by going to track"),
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

# For instructions of no known kind: the whole sentence, in a frame.
NEAR_FRAMES = ("please {instruction}", "{instruction}, please", "robot, {instruction}")
FAR_FRAMES = (
    "here is what I'd like you to do for me today: {instruction}",
    "my colleague asked whether you could do this: {instruction}. thanks a lot!",
    "listen up, your next job, as written on my list, reads as follows: {instruction}",
)


def called(world: World) -> str | None:
    """The words by which the world's instruction calls its goal, if it does so once.

    That is what it is, or "target" and its last word, as in the published "target cup".
    """
    goal = world.task.goal
    ways = (goal.description, f"target {goal.description.split()[-1]}")
    return next((words for words in ways if world.instruction.count(words) == 1), None)


def rephrasings(world: World, far: bool) -> tuple[str, ...]:
    """Sentences that ask the same as the world's instruction; its own is none of them.

    Args:
        world: Whose goal and side are asked for.
        far: In words that no scenario uses; otherwise in words that scenarios use for this kind of task.
    """
    told, target, slots = world.instruction, called(world), {}
    if target is not None:
        rest, side = told.replace(target, " "), world.task.side
        if side is not None:
            rest = re.sub(rf"\b{side.name}\b", " ", rest)
            slots["side"] = side.name
        for kind in KINDS:
            match = kind.slots.search(rest) if kind.slots else None
            found = {**slots, **(match.groupdict() if match else {})}
            left = rest.replace(match.group(), " ") if match else rest
            templates = kind.far if far else kind.near
            if _words(left) <= kind.words and all(_fits(template, found) for template in templates):
                sentences = (template.format(target=target, **found) for template in templates)
                return tuple(sentence for sentence in sentences if sentence != told)
    return tuple(frame.format(instruction=told) for frame in (FAR_FRAMES if far else NEAR_FRAMES))


def _fits(template: str, slots: dict[str, str]) -> bool:
    """Whether a template says all that was told, and nothing that wasn't."""
    return {name for _, name, _, _ in Formatter().parse(template) if name} == {"target", *slots}
