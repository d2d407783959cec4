"""Runs, records, scores, compares, reports: the command lines stand here.

``scenarios``, ``envs``, ``policies`` and ``sim`` are common names. If another project's folder of one of these names
comes first on the path, nothing fits; so importing ``sim`` checks that all four stand in one folder, before it imports
any. Then it keeps PyBullet's greeting out of what commands print.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path


def _folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None if spec is None else Path(spec.origin or "?").resolve()
    return Path(next(iter(spec.submodule_search_locations))).resolve()


def _mixed_up(here: Path) -> str | None:
    """A sentence that names both paths if a sister package would come from somewhere else, else None."""
    for package in ("scenarios", "envs", "policies"):
        folder = _folder(package)
        if folder is None:
            return f"package '{package}' is not to be found beside '{here}': install mobile-vla-sim again"
        if folder.parent != here.parent:
            return (
                f"package '{package}' would be imported from '{folder}', but 'sim' is '{here}': another project's "
                f"folder comes first on the path; run from elsewhere, or remove it from PYTHONPATH"
            )
    return None


_problem = _mixed_up(Path(__file__).resolve().parent)
if _problem is not None:
    if sys.argv[:1] == ["-m"]:  # 'python -m sim.…' is still looking for its module: no command line could catch this
        print(f"error: {_problem}", file=sys.stderr)
        raise SystemExit(2)
    raise ImportError(_problem)

importlib.import_module("scenarios.common.quiet").silence_greetings()
