"""Writes requirements-ci.txt: the versions of constraints.txt with the hashes of their files, for CI's Python.

    pip install --dry-run --ignore-installed --quiet --report report.json -c constraints.txt '.[test]'
    python .ci/hash_requirements.py report.json > requirements-ci.txt

Run it with pip's usual index alone (PIP_CONFIG_FILE=/dev/null), as files from elsewhere, this project itself among
them, are left out. So is PyTorch: builds of one version for processors and for GPUs have different hashes, and CI takes
the one that its index offers.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

INDEX = "https://files.pythonhosted.org/"
LEFT_OUT = {"torch"}
HEADER = """\
# The versions of constraints.txt but for torch, with hashes, for CPython 3.11 on Linux x86-64; .ci/hash_requirements.py
# writes it. pip install --require-hashes --no-deps -r requirements-ci.txt
"""


def normalise_name(name: str) -> str:
    """Return a distribution's name as the package index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def format_requirements(report: dict[str, Any]) -> str:
    """Format the pinned and hashed requirements of pip's installation report."""
    lines = []
    for item in report["install"]:
        name, version = normalise_name(item["metadata"]["name"]), item["metadata"]["version"]
        source = item["download_info"]
        if name not in LEFT_OUT and source["url"].startswith(INDEX):
            lines.append(f"{name}=={version} --hash=sha256:{source['archive_info']['hashes']['sha256']}")
    return HEADER + "\n".join(sorted(lines)) + "\n"


if __name__ == "__main__":
    print(format_requirements(json.loads(Path(sys.argv[1]).read_text())), end="")
