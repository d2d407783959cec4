"""The description of an ONNX file: a policy's spec, and the section 'onnx' with the names of inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policies.policy import PolicySpec
from policies.specs.data_node import DataNode
from policies.specs.spec_file import SPEC_KEYS
from scenarios.common.errors import unknown_name

SECTION = "onnx"
KEYS = ("image", "state", "action", "recurrent", "instruction")
INSTRUCTION_KEYS = ("ids", "mask", "tokenizer", "length", "pad")


@dataclass(frozen=True)
class InstructionInput:
    """Inputs for the instruction's words.

    Attributes:
        ids: Name of the input of token ids.
        mask: Name of the input that is 1 for each id before the padding; None for none.
        tokenizer: ``tokenizer.json`` of the ``tokenizers`` library.
        length: Number of ids.
        pad: Id of the padding.
    """

    ids: str
    mask: str | None
    tokenizer: Path
    length: int
    pad: int = 0


@dataclass(frozen=True)
class Bindings:
    """Names of inputs and outputs, as far as they are known; None for one that isn't given, or isn't there."""

    image: str | None = None
    state: str | None = None
    action: str | None = None
    recurrent: tuple[tuple[str, str], ...] = ()
    """(input, output) of each state that is passed on to the next step; zeros at the start of an episode."""
    instruction: InstructionInput | None = None


@dataclass(frozen=True)
class OnnxDescription:
    """All that driving with a model of others needs."""

    spec: PolicySpec
    bindings: Bindings


def split_description(node: DataNode | None) -> tuple[dict[str, DataNode], dict[str, DataNode], DataNode]:
    """Split a description into the entries of its spec and of its section 'onnx'.

    Returns:
        Both, and the place for errors.

    Raises:
        InputError: It isn't a mapping, or has an unknown key.
    """
    if node is None:
        return {}, {}, DataNode("the model", {})
    entries = node.entries("a description of an ONNX file")
    known = [key for key in SPEC_KEYS if key != "name"] + [SECTION]
    for key, value in entries.items():
        if key not in known:
            raise value.error(str(unknown_name("key of a description", key, known)))
    section = entries[SECTION].entries(f"'{SECTION}'", KEYS) if SECTION in entries else {}
    return {key: value for key, value in entries.items() if key != SECTION}, section, node


def read_bindings(section: dict[str, DataNode], folder: Path) -> Bindings:
    """Read the names of inputs and outputs.

    Args:
        section: The entries of the section 'onnx'.
        folder: Where the path of a tokenizer starts.

    Raises:
        InputError: A value is wrong.
    """
    image, state, action = (
        section[key].text(f"'{key}'") if key in section else None for key in ("image", "state", "action")
    )
    pairs: tuple[tuple[str, str], ...] = ()
    if "recurrent" in section:
        found = section["recurrent"].entries("'recurrent', which maps inputs to outputs,")
        pairs = tuple((name, output.text("each output of 'recurrent'")) for name, output in found.items())
    instruction = _read_instruction(section["instruction"], folder) if "instruction" in section else None
    return Bindings(image, state, action, pairs, instruction)


def _read_instruction(node: DataNode, folder: Path) -> InstructionInput:
    entries = node.entries("'instruction'", INSTRUCTION_KEYS)
    for needed in ("ids", "tokenizer", "length"):
        if needed not in entries:
            raise node.error(f"'instruction' needs '{needed}'")
    tokenizer = folder / entries["tokenizer"].text("'tokenizer'")
    if not tokenizer.is_file():
        raise entries["tokenizer"].error(f"there is no file '{tokenizer}'")
    length = entries["length"].whole("'length'")
    if not 1 <= length <= 10_000:
        raise entries["length"].error(f"'length' must be between 1 and 10000, not {length}")
    return InstructionInput(
        ids=entries["ids"].text("'ids'"),
        mask=entries["mask"].text("'mask'") if "mask" in entries else None,
        tokenizer=tokenizer,
        length=length,
        pad=entries["pad"].whole("'pad'") if "pad" in entries else 0,
    )
