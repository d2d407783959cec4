"""Checkpoint folders of ensembles: the names and weights of their members, which lie beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from policies.derived.siblings import load_sibling, read_config, write_config
from policies.names.folders import CONFIG
from policies.systems.ensemble import EnsemblePolicy
from scenarios.common.errors import InputError

MODEL_TYPE = "ensemble"


def save_ensemble(folder: Path, members: Sequence[str], weights: Sequence[float]) -> None:
    """Write the folder of an ensemble of the checkpoints of some names beside it."""
    write_config(folder, MODEL_TYPE, {"members": list(members), "weights": list(weights)})


class EnsembleFolder:
    """Loads an ensemble from its folder."""

    @staticmethod
    def load(folder: Path, name: str | None = None) -> EnsemblePolicy:
        """Load an ensemble with all members.

        Raises:
            InputError: It or a member can't be read, or its weights don't fit.
        """
        config = read_config(folder)
        members: Any = config.get("members")
        weights: Any = config.get("weights")
        if not isinstance(members, list) or not _are_numbers(weights):
            raise InputError(f"{folder / CONFIG} must list the names of 'members' and their 'weights'")
        return EnsemblePolicy([load_sibling(folder, member) for member in members], weights, name or folder.name)


def _are_numbers(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, int | float) for value in values)
