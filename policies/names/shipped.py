"""The policies that come with the package, by name."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from typing import Any, NamedTuple

from policies.names.folders import CONFIG, load_by_class, load_folder
from policies.policy import Policy
from policies.systems.table import SYSTEMS, SystemConfig
from scenarios.common.errors import InputError

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"
ONNX_SUFFIX = ".onnx"

SCRIPTED = {  # name -> a class or function without arguments
    "zero": "policies.scripted.baselines:make_zero_policy",
    "random": "policies.scripted.baselines:RandomPolicy",
    "straight": "policies.scripted.baselines:make_straight_policy",
    "park": "policies.scripted.plans:make_park_policy",
    "blind": "policies.scripted.plans:make_blind_policy",
    "expert": "policies.scripted.expert:ExpertPolicy",
}
ONNX_POLICY = "policies.onnx.policy:OnnxPolicy"
ENSEMBLE = "policies.systems.ensemble:EnsemblePolicy"


class TrainedReference(NamedTuple):
    """A policy with a network that isn't a system. Its checkpoint has its name."""

    summary: str
    """What it is given, for the list of policies."""
    training: str
    """The command that trains it into a folder."""


TRAINED_REFERENCES = {
    "reference": TrainedReference(
        "frames, words and odometry: our strongest, a network that sees and a driver that maps and plans",
        "python -m policies.train reference --out",
    ),
    "blind-network": TrainedReference(
        "words and odometry: a reference without images", "python -m policies.train blind-network --out"
    ),
    "ppo": TrainedReference(
        "frames, odometry and where the named colour is: learnt by reward on corridor",
        "python examples/train_ppo.py --policy",
    ),
}

POLICIES = (*SCRIPTED, *TRAINED_REFERENCES, *SYSTEMS)
ALL_PUBLISHED = "published"  # stands for every published system


def make_shipped(name: str) -> Policy:
    """Make the policy of one of the names in ``POLICIES``.

    Raises:
        InputError: Its checkpoint isn't there, or can't be read.
    """
    if name in SCRIPTED:
        policy: Policy = _import_object(SCRIPTED[name])()
        return policy
    if name in TRAINED_REFERENCES:
        return _load_shipped(name, name, TRAINED_REFERENCES[name].training)
    return _make_system(SYSTEMS[name])


def _import_object(reference: str) -> Any:
    """Import the object that ``module:attribute`` names."""
    return pkgutil.resolve_name(reference)


def _make_system(config: SystemConfig) -> Policy:
    """Make a published system: from its checkpoint, its export, or its members."""
    if config.members:
        names, weights = zip(*config.members, strict=True)
        ensemble: Policy = _import_object(ENSEMBLE)([make_shipped(name) for name in names], weights, config.name)
        return ensemble
    if config.export_of:
        file = CHECKPOINTS / config.name / f"{config.export_of}{ONNX_SUFFIX}"
        if not file.is_file():
            command = f"python -m policies.export {config.export_of} --out {file}"
            raise InputError(f"'{config.name}' has no file {file}: run '{command}'")
        return load_by_class(ONNX_POLICY, file, config.name)
    return _load_shipped(config.checkpoint or config.name, config.name, f"python -m policies.train {config.name} --out")


def _load_shipped(checkpoint: str, name: str, training: str) -> Policy:
    """Load a checkpoint that comes with the package.

    Raises:
        InputError: It doesn't.
    """
    folder = CHECKPOINTS / checkpoint
    if not (folder / CONFIG).is_file():
        raise InputError(f"'{name}' has no checkpoint in {folder}: run '{training} {folder}'")
    return load_folder(folder, name)
