"""Policies in one file: ONNX graphs and Stable-Baselines3's zips."""

from __future__ import annotations

import pkgutil
from pathlib import Path

from policies.names.reference import PolicyReference
from policies.policy import Policy

ONNX_LOADER = "policies.onnx.loading:load_onnx_policy"
DESCRIPTION_SUFFIXES = (".yaml", ".yml")
SB3_LOADER = "policies.sb3.loading:load_sb3_policy"


def has_suffix(target: str, suffix: str) -> bool:
    """Return whether a target is an existing file with this suffix; case doesn't matter."""
    return target.lower().endswith(suffix) and Path(target).is_file()


def make_onnx_policy(reference: PolicyReference) -> Policy:
    """Load an ONNX file, described by itself, by the arguments, or by a YAML file of the same name beside it.

    Raises:
        InputError: It can't be read, or what its inputs and outputs are can't be told.
    """
    path = Path(reference.target)
    name = reference.choose_name(path.stem)
    if reference.arguments is not None:
        node, folder = reference.arguments.node, Path(reference.arguments.folder)
    else:
        node, folder = None, path.parent
    policy: Policy = pkgutil.resolve_name(ONNX_LOADER)(path, name, node, folder)
    return policy


def make_sb3_policy(reference: PolicyReference) -> Policy:
    """Load a zip that Stable-Baselines3 saved.

    Raises:
        InputError: It can't be read, or needs its pickles and they aren't trusted.
    """
    path = Path(reference.target)
    load = pkgutil.resolve_name(SB3_LOADER)
    policy: Policy = load(path, reference.choose_name(path.stem), trust_pickle=reference.trust_pickle)
    return policy
