"""The keys of a suite file: each stands for a flag of ``python -m sim.evaluate``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Literal

KeyKind = Literal["one", "names", "texts", "switch"]


@dataclass(frozen=True)
class SuiteKey:
    """A key of a suite file.

    Attributes:
        name: As written in the file.
        flag: The flag that it stands for.
        kind: "one" value; "names", a list that the flag takes in one word; "texts", a list with one flag for each;
            "switch", true or false, where false stands for the flag.
    """

    name: str
    flag: str
    kind: KeyKind = "one"

    @property
    def dest(self) -> str:
        """The flag's attribute of the parsed options."""
        return self.flag.removeprefix("--").replace("-", "_")

    def words(self, texts: tuple[str, ...]) -> list[str]:
        """Return the words of a command line that say the same as the key with these values."""
        if self.kind == "switch":
            return [] if texts == ("true",) else [self.flag]
        joined = (",".join(texts),) if self.kind == "names" else texts
        return [f"{self.flag}={text}" for text in joined]

    def texts(self, value: object) -> tuple[str, ...]:
        """Return the values in the file of a parsed option."""
        if self.kind == "switch":
            return ("false",)
        if isinstance(value, list | tuple):
            return tuple(map(str, value))
        return (str(value).removesuffix(".0"),)


SUITE_KEYS = {
    key.name: key
    for key in (
        SuiteKey("policies", "--policy", "names"),
        SuiteKey("policy_args", "--policy-args", "texts"),
        SuiteKey("replan", "--replan"),
        SuiteKey("scenarios", "--scenario", "names"),
        SuiteKey("perturbations", "--perturb", "texts"),
        SuiteKey("probe", "--probe"),
        SuiteKey("episodes", "--episodes"),
        SuiteKey("seed", "--seed"),
        SuiteKey("latency", "--latency"),
        SuiteKey("policy_timeout", "--policy-timeout"),
        SuiteKey("metrics", "--metric", "names"),
        SuiteKey("offline", "--no-offline", "switch"),
        SuiteKey("dataset", "--dataset"),
        SuiteKey("mapping", "--mapping"),
        SuiteKey("renderer", "--renderer"),
        SuiteKey("provider", "--provider"),
        SuiteKey("compile", "--compile"),
        SuiteKey("device", "--device"),
        SuiteKey("precision", "--precision"),
        SuiteKey("video", "--video"),
    )
}


def collect_entries(options: argparse.Namespace, defaults: argparse.Namespace) -> dict[str, tuple[str, ...]]:
    """Return the entries of the suite that says the same as these options; what is a default anyway is left out.

    Args:
        options: As parsed.
        defaults: What the parser gives where nothing is typed.
    """
    always = ("policies", "scenarios", "episodes", "seed")
    found = {}
    for key in SUITE_KEYS.values():
        value = getattr(options, key.dest)
        if value is not None and (key.name in always or value != getattr(defaults, key.dest)):
            found[key.name] = key.texts(value)
    return found
