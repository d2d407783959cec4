"""The mapping of a data set: what a file gives, and guesses for the rest; or all that is missing, in one error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policies.dataset.mapping.contents import DatasetContents
from policies.dataset.mapping.files import GivenMapping, read_mapping_file
from policies.dataset.mapping.guess import Guess, guess_actions, guess_camera, guess_state
from policies.dataset.mapping.mapping import DatasetMapping, Instruction, VectorMapping
from policies.dataset.mapping.text import format_mapping
from scenarios.common.errors import InputError

MAPPING_FILE = "mapping.yaml"  # in a data set's folder; a file that is given takes precedence


def resolve_mapping(contents: DatasetContents, file: Path | None) -> DatasetMapping:
    """Find the mapping of a data set.

    Args:
        contents: What the set contains.
        file: Mapping file; None to use ``mapping.yaml`` in the set's folder if there is one.

    Raises:
        InputError: The names don't tell a part, or the file is wrong; lists all problems with a mapping to complete.
    """
    inside = contents.root / MAPPING_FILE
    path = file or (inside if inside.is_file() else None)
    given, problems = (GivenMapping(), []) if path is None else read_mapping_file(path, contents)
    camera = guess_camera(contents) if given.camera is None else Guess(given.camera)
    actions: Guess[VectorMapping] = guess_actions(contents) if given.actions is None else Guess(given.actions)
    instruction = given.instruction or Instruction()
    problems += [guess.problem for guess in (camera, actions) if guess.problem is not None]
    if contents.missing_rate is not None and given.rate is None:
        problems.append(contents.missing_rate)
    if contents.missing_instruction is not None and given.instruction is None:
        problems.append(contents.missing_instruction)
        instruction = Instruction(text="what the robot was asked to do")
    mapping = DatasetMapping(
        camera=camera.value,
        colours=given.colours or contents.colours,
        rate=given.rate or contents.rate,
        actions=actions.value,
        state=guess_state(contents) if given.state is None else given.state,
        instruction=instruction,
        is_given=path is not None,
        states_rate=given.rate is None,
    )
    if problems:
        raise InputError(_describe_problems(contents, mapping, problems))
    return mapping


def _describe_problems(contents: DatasetContents, mapping: DatasetMapping, problems: Sequence[str]) -> str:
    """List all problems, with a mapping to correct and to save."""
    listed = "\n".join(f"  - {problem}" for problem in problems)
    return (
        f"'{contents.root}' can't be read as it is:\n{listed}\n"
        f"Correct this, save it as a file, and give it with --mapping FILE (or save it as {MAPPING_FILE} in that "
        f"folder):\n\n{format_mapping(mapping)}"
    ).rstrip()


def describe_mapping(root: Path, mapping: DatasetMapping) -> str:
    """Describe how a data set is read, in lines to be printed before it is used."""
    origin = "as its mapping file says" if mapping.is_given else "guessed from its names; --mapping FILE says otherwise"
    return f"'{root}' is read so ({origin}):\n{format_mapping(mapping)}".rstrip()
