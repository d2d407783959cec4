"""Make the helpers of this folder, and those of others that make small valid files, importable."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [
    str(HERE),
    *(str(HERE.parent / other) for other in ("policies/dataset", "policies/onnx/foreign", "sim")),
]
