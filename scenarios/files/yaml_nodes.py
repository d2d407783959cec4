"""YAML nodes with line numbers; composed but never constructed, so that no code in a file can run."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from scenarios.common.errors import InputError

MAX_DEPTH = 100  # of nested lists and mappings; a scenario file needs five
MOST_VALUES = 50_000  # of a file; a scenario file needs dozens


@dataclass(frozen=True, eq=False)
class YamlNode:
    """A value in a file.

    Attributes:
        file: Path of the file, as given.
        yaml: The composed node, whose scalars are still text, so that '010' and '1e-3' are read as written.
    """

    file: str
    yaml: yaml.Node

    @property
    def line(self) -> int:
        """Line number in the file, from 1."""
        return self.yaml.start_mark.line + 1

    @property
    def text(self) -> str | None:
        """The text of a scalar; None for a list or a mapping."""
        return self.yaml.value.strip() if isinstance(self.yaml, yaml.ScalarNode) else None

    @property
    def items(self) -> tuple[YamlNode, ...] | None:
        """The values of a list; None for anything else."""
        if not isinstance(self.yaml, yaml.SequenceNode):
            return None
        return tuple(YamlNode(self.file, item) for item in self.yaml.value)

    def entries(self, what: str) -> dict[str, tuple[YamlNode, YamlNode]]:
        """Return the entries of a mapping: (key, value) by the key's text, in order.

        Args:
            what: Name of the mapping, for errors.

        Raises:
            InputError: The node is not a mapping, or a key appears twice in it.
        """
        if not isinstance(self.yaml, yaml.MappingNode):
            raise self.error(f"{what} must be lines of 'key: value'")
        found: dict[str, tuple[YamlNode, YamlNode]] = {}
        for key_node, value_node in self.yaml.value:
            key, value = YamlNode(self.file, key_node), YamlNode(self.file, value_node)
            if key.text is None:
                raise key.error(f"the keys of {what} must be plain words")
            if key.text in found:
                raise key.error(f"'{key.text}' appears twice, first on line {found[key.text][0].line}")
            found[key.text] = (key, value)
        return found

    def error(self, message: str) -> InputError:
        """Return an error that names the file and the line."""
        return InputError(f"{self.file}, line {self.line}: {message}")


def parse_yaml(text: str, file: str, needed: str = "'family: …'") -> YamlNode:
    """Parse the only document of a YAML file.

    Args:
        text: Its text.
        file: Its path, for errors.
        needed: What it must contain, for the error of an empty file.

    Raises:
        InputError: The text is not YAML, is empty, has more than one document, is nested too deeply, or contains tags.
    """
    try:
        _check_events(text, file)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = mark.line + 1 if mark else 1
        raise InputError(f"{file}, line {where}: not valid YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        where = text.count("\n", 0, error.position) + 1
        raise InputError(f"{file}, line {where}: this line contains a character that YAML doesn't allow") from error
    if root is None:
        raise InputError(f"{file}, line 1: the file is empty: it must contain {needed}")
    return YamlNode(file, root)


def _check_events(text: str, file: str) -> None:
    """Refuse tags, deep nesting and too many values while a file is still a stream of events.

    PyYAML composes by recursion, and its scanner takes time quadratic in the depth. Its parser works event by event, so
    the depth is counted here instead of relying on Python's recursion limit, which may have been changed. An alias
    counts as all that it stands for, since a few lines of them can stand for more values than any memory holds.
    """
    sizes: dict[str, int] = {}  # values in each finished anchor
    open_ones: list[tuple[str | None, int]] = []  # the anchor of each open collection, and the values before it
    values = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if getattr(event, "tag", None) is not None:
            raise InputError(f"{file}, line {line}: tags ('!…') are not supported")
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_ones.pop()
            sizes |= {} if anchor is None else {anchor: values - before}
            continue
        if isinstance(event, yaml.AliasEvent) and event.anchor in {anchor for anchor, _ in open_ones}:
            raise InputError(f"{file}, line {line}: '*{event.anchor}' stands for what it is a part of")
        if isinstance(event, yaml.NodeEvent):
            values += sizes.get(str(event.anchor), 1) if isinstance(event, yaml.AliasEvent) else 1
        if isinstance(event, yaml.CollectionStartEvent):
            open_ones.append((event.anchor, values - 1))
        elif isinstance(event, yaml.ScalarEvent) and event.anchor is not None:
            sizes[event.anchor] = 1
        if len(open_ones) > MAX_DEPTH:
            raise InputError(f"{file}, line {line}: nested too deeply: at most {MAX_DEPTH} levels are allowed")
        if values > MOST_VALUES:
            raise InputError(f"{file}, line {line}: too many values: at most {MOST_VALUES} are allowed")
