"""What the reference can tell apart, and what an instruction asks for in these terms."""

from __future__ import annotations

import re
from typing import NamedTuple

from scenarios.building.hallway import ORDINALS
from scenarios.objects.colours import OBSTACLE_COLOURS
from scenarios.objects.targets import TARGET_SHAPES

STANDING = (*TARGET_SHAPES, "cup", "chair")
"""Kinds of targets that stand."""
MOVING = ("robot", "ball on a cart", "trolley", "person")
"""Kinds that may move."""
KINDS = (*STANDING, *MOVING)
COLOURS = OBSTACLE_COLOURS
SIDES = {"left": 1, "right": -1}

_COLOUR = "|".join(COLOURS)
_KIND = "|".join(sorted(KINDS, key=len, reverse=True))
_NAME = re.compile(rf"\bperson in (?P<worn>{_COLOUR})\b|\b(?P<colour>{_COLOUR}) (?P<kind>{_KIND})\b")
_PLAIN_NAME = re.compile(rf"\b(?P<kind>{_KIND})\b")
_TARGET = re.compile(rf"\btarget (?P<kind>{_KIND})\b")
_ROOM = re.compile(rf"\b(?:(?P<number>{'|'.join(ORDINALS)}) )?room (?:on|to) the (?P<side>left|right)\b")
_SIDE = re.compile(r"\b(left|right)\b(?! (?:next|here|there|now|away|beside|behind)\b)")
_BESIDE = re.compile(r"\b(?:box(?:es)?|obstacles?)\b")  # what a side is meant of
_ADDRESSED = re.compile(r"^\W*(?:(?:hey|hello|please) )?robot\b")


class Room(NamedTuple):
    """A room off the hallway."""

    side: int  # 1 on the left, -1 on the right
    number: int | None  # from 0 along the hallway; None: the only one on its side


class Asked(NamedTuple):
    """What an instruction asks for."""

    kind: str | None = None  # None: it names nothing that is known
    colour: str | None = None  # None: of any colour
    room: Room | None = None
    side: int | None = None  # on which to pass: 1 on the left, -1 on the right

    @property
    def follows(self) -> bool:
        """Whether the target may move, and is to be followed."""
        return self.kind in MOVING


def name_item(label: str) -> tuple[str, str] | None:
    """Return the kind and the colour of an item with a label such as "red ball"; None for what isn't told apart."""
    found = _NAME.fullmatch(label)
    return None if found is None else _take_name(found)


def read_instruction(instruction: str) -> Asked:
    """Read what an instruction asks for, by rules.

    The first name counts: with a colour if there is one, else after the word "target", else any. A side is one to pass
    boxes or obstacles on. Whatever else is said is ignored, a "not" too.
    """
    text = " ".join(re.sub("[^a-z]+", " ", _ADDRESSED.sub("", instruction.lower())).split())
    named, room = _NAME.search(text), _ROOM.search(text)
    plain = _TARGET.search(text) or _PLAIN_NAME.search(text)
    side = _SIDE.search(text) if _BESIDE.search(text) else None
    kind, colour = _take_name(named) if named else (plain["kind"] if plain else None, None)
    if room:
        number = ORDINALS.index(room["number"]) if room["number"] else None
        return Asked(kind, colour, Room(SIDES[room["side"]], number))
    return Asked(kind, colour, side=SIDES[side[1]] if side else None)


def _take_name(found: re.Match[str]) -> tuple[str, str]:
    return ("person", found["worn"]) if found["worn"] else (found["kind"], found["colour"])
