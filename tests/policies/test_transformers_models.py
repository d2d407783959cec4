from __future__ import annotations

import os
import subprocess
import sys

from policies.transformers_models import without_unused_packages

IMPORT = """
import sys
import policies.hybrid.policy, policies.systems.policy
unused = [name for name in ("scipy", "sympy", "torch._dynamo", "torch._inductor", "torch.distributed.tensor")
          if name in sys.modules]
print(*unused)
import torch
from transformers import masking_utils, utils
assert torch._dynamo.disable.__module__.startswith("torch._dynamo"), torch._dynamo.disable
assert utils.is_scipy_available() and utils.is_torch_distributed_available()
for name, module in list(sys.modules.items()):
    for function in ("is_scipy_available", "is_torch_distributed_available"):
        if name.startswith("transformers.") and function in vars(module):
            assert getattr(module, function)(), (name, function)
from torch._dynamo._trace_wrapped_higher_order_op import TransformGetItemToIndex
assert isinstance(masking_utils.TransformGetItemToIndex(), TransformGetItemToIndex)
"""


def test_policies_import_no_packages_for_other_uses_and_leave_these_intact() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_nothing_is_replaced_once_the_compiler_is_imported() -> None:
    import torch._dynamo
    from transformers import utils

    functions = (torch._dynamo.disable, utils.is_scipy_available)
    with without_unused_packages():
        assert (torch._dynamo.disable, utils.is_scipy_available) == functions


def test_models_can_be_imported_beside_torchvision_which_needs_the_real_compiler(tmp_path) -> None:
    modes = "NEAREST = NEAREST_EXACT = BOX = BILINEAR = HAMMING = BICUBIC = LANCZOS = 0"
    for module, code in {
        "__init__": "from torch._dynamo.utils import is_compile_supported",
        "io": "ImageReadMode = decode_image = None",
        "transforms/__init__": f"class InterpolationMode:\n    {modes}",
        "transforms/functional": "pil_to_tensor = None",
        "transforms/v2/__init__": "",
        "transforms/v2/functional": "",
    }.items():
        file = tmp_path / "torchvision" / f"{module}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)
    about = tmp_path / "torchvision-0.26.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: torchvision\nVersion: 0.26.0\n")
    code = "import policies.hybrid.policy, sys; print('torchvision' in sys.modules)"
    paths = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True"]  # otherwise it tested nothing


def test_models_can_be_imported_without_docstrings() -> None:
    code = "import policies.hybrid.policy; from transformers import utils; print(utils.auto_docstring.__module__)"
    done = subprocess.run([sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "transformers.utils.auto_docstring"
