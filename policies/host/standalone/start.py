"""Starts a host: the script that the Python of whoever wrote the policy runs.

Its arguments are two descriptors: a pipe that ends with the process that starts it, and the connection to that process.
"""

from __future__ import annotations

import importlib
import os
import sys
import types

PACKAGE = "mobile_vla_sim_host"  # the modules beside this file, in that process


def make_package() -> None:
    """Make the modules beside this file those of a package, so that a policy's own may have any of their names."""
    folder = os.path.dirname(os.path.realpath(__file__))  # as Python has put it on the path
    sys.path[:] = [path for path in sys.path if path != folder]
    package = types.ModuleType(PACKAGE)
    package.__path__ = [folder]
    sys.modules[PACKAGE] = package


if __name__ == "__main__":  # not in processes of the policy's own, which multiprocessing lets run this file, too
    make_package()
    supervision = importlib.import_module(f"{PACKAGE}.supervision")
    supervision.supervise_host(int(sys.argv[1]))  # before anything is imported that doesn't survive a fork
    importlib.import_module(f"{PACKAGE}.host").main(int(sys.argv[2]))
