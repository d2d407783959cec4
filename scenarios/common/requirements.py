"""Packages that may be missing or built without NumPy, and the commands that fix this."""

from __future__ import annotations

import importlib.util

from scenarios.common.errors import InputError

REBUILD_PYBULLET = (
    "pip install numpy setuptools wheel && pip install --no-cache-dir --force-reinstall --no-deps --no-build-isolation "
    "pybullet (this compiles it, in about eight minutes)"
)
CURES = {
    "pybullet": f"pip install pybullet; on Python 3.12 and newer, for which it has no wheels: {REBUILD_PYBULLET}",
    "torch": "pip install torch, or use a policy that does not need it, such as an ONNX file",
}
PYBULLET_WITHOUT_NUMPY = (
    f"this PyBullet was built without NumPy, so its cameras return no arrays; build it again: {REBUILD_PYBULLET}"
)


def check_installed(package: str) -> None:
    """Check that a package of ``CURES`` is installed, without importing it.

    Raises:
        InputError: It is not installed; names the command that installs it.
    """
    if importlib.util.find_spec(package) is None:
        raise missing_package(package)


def missing_package(package: str) -> InputError:
    """Return the error for a package that isn't installed."""
    return InputError(f"the package '{package}' is not installed: {CURES[package]}")
