"""What was typed after ``--policy``, parsed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from policies.specs.data_node import DataNode, parse_json_node, parse_yaml_node
from policies.specs.spec_file import read_text_file
from scenarios.common.errors import InputError

FLAG = "--policy-args"


@dataclass(frozen=True)
class TypedArguments:
    """Arguments of one policy or of all, not parsed yet.

    Attributes:
        text: ``[LABEL=]JSON|FILE``.
        given: Where they were given, for errors: the flag, or the file and line of a suite.
    """

    text: str
    given: str = FLAG

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class PolicyArguments:
    """What ``--policy-args`` gives: JSON as typed, or a YAML file's text as it was when the command began.

    Attributes:
        text: JSON or YAML.
        file: The YAML file; "" for JSON.
        given: As in ``TypedArguments``; equal arguments may be given in several places.
    """

    text: str
    file: str = ""
    given: str = field(default=FLAG, compare=False)

    @classmethod
    def parse(cls, typed: str, given: str = FLAG) -> PolicyArguments:
        """Parse JSON in braces, or read a YAML file.

        Raises:
            InputError: It is neither, or not a mapping.
        """
        if typed.lstrip().startswith("{"):
            found = cls(typed, given=given)
        elif Path(typed).is_file():
            found = cls(read_text_file(Path(typed)), typed, given)
        else:
            raise InputError(f"{given} '{typed}': give JSON, such as '{{\"k\": 1}}', or a YAML file that exists")
        found.node.entries("the arguments of a policy")
        return found

    @property
    def folder(self) -> str:
        """Where relative paths in it start."""
        return str(Path(self.file).parent)

    @property
    def node(self) -> DataNode:
        """The values with their places."""
        return parse_yaml_node(self.text, self.file) if self.file else parse_json_node(self.text, self.given)


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
