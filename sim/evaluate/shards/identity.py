"""What must be equal in the manifests of all parts of one run, and what differs."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scenarios.common.errors import InputError
from sim.results.codec import to_json
from sim.results.manifest import Manifest
from sim.results.provenance.facts import code_version, package_versions

EQUAL_KEYS = ("plan", "scenarios", "policies", "offline", "seeds", "renderer", "code", "python", "packages")
RERUN_KEYS = ("plan", "scenarios", "policies", "seeds")  # of these, a run that is driven again consists
SHOWN = 3  # differences in an error


def describe_code() -> dict[str, str]:
    """Describe the code of this machine, by name: where it differs, rows may."""
    return {"code": code_version().identity, "Python": platform.python_version(), **package_versions()}


def hash_evaluation(manifest: Manifest) -> str:
    """Return a hash of everything that must be equal in all parts of a run: plan, weights, code, packages, renderer."""
    return hashlib.sha256(json.dumps(_select(manifest, EQUAL_KEYS), sort_keys=True).encode()).hexdigest()


def check_same_evaluation(
    first: Manifest, first_folder: Path, other: Manifest, folder: Path, keys: Sequence[str] = EQUAL_KEYS
) -> None:
    """Check that two folders hold parts of the same run, whose manifests are equal under some keys.

    Raises:
        InputError: They don't; names the differences.
    """
    found = list_differences(first, other, keys)
    if not found:
        return
    texts = [f"{where} is {there} there and {here} here" for where, here, there in found[:SHOWN]]
    more = [f"{len(found) - SHOWN} more"] if len(found) > SHOWN else []
    raise InputError(f"'{folder}' is not part of the same run as '{first_folder}': {'; '.join([*texts, *more])}")


def list_differences(here: Manifest, there: Manifest, keys: Sequence[str]) -> list[tuple[str, str, str]]:
    """List (key, value here, value there) where two manifests differ under some keys."""
    return list(_list_differences(_select(here, keys), _select(there, keys), ""))


def _select(manifest: Manifest, keys: Sequence[str]) -> dict[str, Any]:
    """Parts of a manifest as JSON; of the code only the hash of its sources, if it is known."""
    found = {name: to_json(getattr(manifest, name)) for name in keys}
    if "code" in found and manifest.code.sources is not None:
        found["code"] = {"sources": manifest.code.sources}
    return found


def _list_differences(here: Any, there: Any, where: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(here, Mapping) and isinstance(there, Mapping):
        for name in dict.fromkeys([*here, *there]):
            yield from _list_differences(here.get(name), there.get(name), f"{where}.{name}".lstrip("."))
    elif here != there:
        yield where, json.dumps(here), json.dumps(there)
