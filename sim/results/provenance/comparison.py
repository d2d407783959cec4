"""What a row depends on besides its run's plan, as named texts: a short name for it, and how two differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sim.results.provenance.facts import CodeVersion, Machine, RendererFacts

NOTHING = "none"


@dataclass(frozen=True)
class Provenance:
    """What the rows of one session of a run were made by."""

    code: CodeVersion
    python: str
    packages: Mapping[str, str]
    machine: Machine
    renderer: RendererFacts
    runtimes: Mapping[str, str]
    """Runtime of each policy's network, by policy."""

    @property
    def name(self) -> str:
        """Eight letters, for the column ``made_by``; equal for whatever makes equal rows."""
        return hashlib.sha256(json.dumps(self._identities, sort_keys=True).encode()).hexdigest()[:8]

    def list_differences(self, other: Provenance) -> dict[str, tuple[str, str]]:
        """Return what differs from another, by name: the text of this one, and that of the other."""
        mine, theirs = self._identities, other._identities
        texts = (self._texts, other._texts)
        names = [name for name in {**mine, **theirs} if mine.get(name, NOTHING) != theirs.get(name, NOTHING)]
        return {name: (texts[0].get(name, NOTHING), texts[1].get(name, NOTHING)) for name in names}

    @property
    def _identities(self) -> dict[str, str]:
        """Texts by name, in order, each equal where no row can differ for it: the number of cores changes none."""
        return {**self._texts, "code": self.code.identity}

    @property
    def _texts(self) -> dict[str, str]:
        return {
            "code": str(self.code),
            "python": self.python,
            **{f"packages.{name}": version for name, version in self.packages.items()},
            "machine.system": self.machine.system,
            "machine.cpu": self.machine.cpu,
            "renderer": f"{self.renderer.applied} on {self.renderer.device}",
            **{f"runtime of {policy}": runtime for policy, runtime in self.runtimes.items()},
        }
