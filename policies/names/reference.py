"""What was typed after ``--policy``, parsed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from policies.specs.data_node import DataNode, parse_json_node, parse_yaml_node
from policies.specs.spec_file import read_text_file
from scenarios.common.errors import InputError


@dataclass(frozen=True)
class PolicyArguments:
    """What ``--policy-args`` gives: JSON as typed, or a YAML file's text as it was when the command began.

    Attributes:
        text: JSON or YAML.
        place: For errors: the flag or the file.
        folder: Where relative paths in it start.
    """

    text: str
    place: str = "--policy-args"
    folder: str = "."

    @classmethod
    def parse(cls, typed: str) -> PolicyArguments:
        """Parse JSON in braces, or read a YAML file.

        Raises:
            InputError: It is neither, or not a mapping.
        """
        if typed.lstrip().startswith("{"):
            found = cls(typed)
        elif Path(typed).is_file():
            found = cls(read_text_file(Path(typed)), typed, str(Path(typed).parent))
        else:
            raise InputError(f"--policy-args '{typed}': give JSON, such as '{{\"k\": 1}}', or a YAML file that exists")
        found.node.entries("--policy-args")
        return found

    @property
    def node(self) -> DataNode:
        """The values with their places."""
        if self.place == "--policy-args":
            return parse_json_node(self.text, self.place)
        return parse_yaml_node(self.text, self.place)


@dataclass(frozen=True)
class PolicyReference:
    """A policy to make: what it is, and how.

    Attributes:
        label: Its name in the results, unique in a run: as given before ``=``, else the target as typed.
        target: A name, a path, an address, ``file.py:NAME`` or ``module:NAME``.
        is_labelled: True if the label was given.
        arguments: What ``--policy-args`` gives; None for nothing.
        replan: Actions of a chunk that are executed before the next inference; None for what the policy declares.
        trust_pickle: True if pickles in its file may be run.
        python: The Python that runs it; "" for the one that runs this.
    """

    label: str
    target: str
    is_labelled: bool = False
    arguments: PolicyArguments | None = None
    replan: int | None = None
    trust_pickle: bool = False
    python: str = ""

    @property
    def source(self) -> str:
        """What the policy was made from, for the results."""
        if self.arguments is None:
            return self.target
        return f"{self.target} {json.dumps(self.arguments.node.plain(), sort_keys=True)}"

    def choose_name(self, usual: str) -> str:
        """Return the label if it was given, else the usual name."""
        return self.label if self.is_labelled else usual
