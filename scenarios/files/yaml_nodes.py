"""YAML as nodes that know their lines: only composed, never constructed, so that nothing in a file can run."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from scenarios.common.errors import InputError


@dataclass(frozen=True, eq=False)
class YamlNode:
    """A value in a file.

    Attributes:
        file: Path of the file, as it was given.
        yaml: The composed node; its scalars are text still, so that '010' and '1e-3' are read as one writes them.
    """

    file: str
    yaml: yaml.Node

    @property
    def line(self) -> int:
        return self.yaml.start_mark.line + 1

    @property
    def text(self) -> str | None:
        """What is written there; None if it is a list or a mapping."""
        return self.yaml.value.strip() if isinstance(self.yaml, yaml.ScalarNode) else None

    @property
    def items(self) -> tuple[YamlNode, ...] | None:
        """The values of a list; None if it is none."""
        if not isinstance(self.yaml, yaml.SequenceNode):
            return None
        return tuple(YamlNode(self.file, item) for item in self.yaml.value)

    def entries(self, what: str) -> dict[str, tuple[YamlNode, YamlNode]]:
        """The mapping that stands here: (key, value) by the key's text, in order.

        Args:
            what: What the mapping is, for errors.

        Raises:
            InputError: It is no mapping, or a key stands twice in it.
        """
        if not isinstance(self.yaml, yaml.MappingNode):
            raise self.error(f"{what} must be lines of 'key: value'")
        found: dict[str, tuple[YamlNode, YamlNode]] = {}
        for key_node, value_node in self.yaml.value:
            key, value = YamlNode(self.file, key_node), YamlNode(self.file, value_node)
            if key.text is None:
                raise key.error(f"the keys of {what} must be words")
            if key.text in found:
                raise key.error(f"'{key.text}' stands twice, first in line {found[key.text][0].line}")
            found[key.text] = (key, value)
        return found

    def error(self, message: str) -> InputError:
        """The error that names this place."""
        return InputError(f"{self.file}, line {self.line}: {message}")


def parse_yaml(text: str, file: str) -> YamlNode:
    """The one document of a YAML file.

    Raises:
        InputError: It is no YAML, empty, more than one document, or holds tags.
    """
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.TagToken):
                raise InputError(f"{file}, line {token.start_mark.line + 1}: a tag ('!…') means nothing here")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = mark.line + 1 if mark else 1
        raise InputError(f"{file}, line {where}: this is no YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        where = text.count("\n", 0, error.position) + 1
        raise InputError(f"{file}, line {where}: a character that YAML doesn't allow") from error
    except RecursionError as error:
        raise InputError(f"{file}, line 1: its lists are nested too deep") from error
    if root is None:
        raise InputError(f"{file}, line 1: the file is empty: it needs 'family: …'")
    return YamlNode(file, root)
