"""Checkpoint folders, as ``save_pretrained`` of this package's networks writes them."""

from __future__ import annotations

import json
import pkgutil
from pathlib import Path
from typing import Any

from policies.policy import Policy
from scenarios.common.errors import InputError, damage_as_input_error

CONFIG = "config.json"
LARGEST_CONFIG_BYTES = 16 * 2**20
CHECKPOINT_KINDS = {  # 'model_type' of a checkpoint -> the class that loads its folder
    "hybrid": "policies.hybrid.policy:HybridPolicy",
    "system": "policies.systems.policy:SystemPolicy",
    "blind-network": "policies.blind.policy:BlindNetworkPolicy",
    "reference": "policies.reference.policy:ReferencePolicy",
    "ensemble": "policies.derived.ensemble:EnsembleFolder",
    "degraded": "policies.derived.degraded:DegradedPolicy",
    "plans": "policies.scripted.plans:PlanPolicy",
    "sb3": "policies.sb3.policy:Sb3Policy",
}
BACKBONES = "backbones"
WAY_TO_GO = "load it in a class of your own, and name that: file.py:NAME"


def check_folder(folder: Path) -> str:
    """Return the class that loads a checkpoint folder, by its config, without loading it.

    Raises:
        InputError: The folder isn't a checkpoint of this package.
    """
    config = _read_config(folder)
    if "auto_map" in config:
        raise InputError(f"{folder / CONFIG} asks for code of its own ('auto_map'), which isn't run: {WAY_TO_GO}")
    kind = config.get("model_type")
    if not isinstance(kind, str):
        raise InputError(
            f"{folder / CONFIG} has no 'model_type', so it isn't a checkpoint of this package: {WAY_TO_GO}"
        )
    if kind == BACKBONES:
        raise InputError(f"{folder} holds backbones alone, which don't drive: name the folder of a system or a hybrid")
    if kind not in CHECKPOINT_KINDS:
        known = " or ".join(f"'{known}'" for known in CHECKPOINT_KINDS)
        raise InputError(
            f"{folder / CONFIG} describes another kind of model: 'model_type' is '{kind}', not {known}; {WAY_TO_GO}"
        )
    return CHECKPOINT_KINDS[kind]


def load_folder(folder: Path, name: str) -> Policy:
    """Load a checkpoint folder.

    Raises:
        InputError: It can't be read.
    """
    kind = check_folder(folder)
    with damage_as_input_error(f"checkpoint {folder}", "choose a folder that training wrote"):
        return load_by_class(kind, folder, name)


def load_by_class(reference: str, path: Path, name: str) -> Policy:
    """Load a policy by the class that ``module:NAME`` names."""
    policy: Policy = pkgutil.resolve_name(reference).load(path, name)
    return policy


def _read_config(folder: Path) -> dict[str, Any]:
    file = folder / CONFIG
    try:
        if file.stat().st_size > LARGEST_CONFIG_BYTES:
            raise InputError(f"{file} is larger than {LARGEST_CONFIG_BYTES >> 20} MiB: it isn't a config")
        config = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _no_checkpoint(folder) from error
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{file} can't be read: it must be JSON with a 'model_type'") from error
    if not isinstance(config, dict):
        raise InputError(f"{file} can't be read: it must be JSON with a 'model_type'")
    return config


def _no_checkpoint(folder: Path) -> InputError:
    """Return the error for a folder without a config, with a checkpoint below it if there is one."""
    below = sorted(path.parent.name for path in folder.glob(f"*/{CONFIG}"))[:1]
    hint = f"; there is one in {folder / below[0]}, and '{folder}/*' names all of them" if below else ""
    return InputError(f"no checkpoint in {folder}: it needs {CONFIG} and model.safetensors{hint}")
