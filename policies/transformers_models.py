"""transformers' models and tokenizers, imported without packages that they never use here.

On first use of a model, transformers imports scipy's optimisers, torch.distributed and torch's compiler, for losses,
training on several machines and kernels that no backbone has: 1.4 s and 110 MB in every worker. So it is told that the
first two are not installed, and gets stand-ins for what it takes from the compiler. This is undone after the import,
but its losses of object detection, which were imported meanwhile, stay without scipy in this process. Under 'python
-OO', which removes the docstrings that it completes, it also gets a stand-in for that.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import torch
import transformers.utils

_COMPILER = "torch._dynamo"
_INDEXING = f"{_COMPILER}._trace_wrapped_higher_order_op"
_ABSENT = ("is_scipy_available", "is_torch_distributed_available")


def _unchanged(function: Any = None, *_: Any, **__: Any) -> Any:
    """Stand in for a decorator that tells the compiler how to treat a function."""
    return _unchanged if function is None else function


def _is_absent() -> bool:
    return False


def _make_index_transform() -> Any:
    """Make the compiler's context manager of this name, once it is needed."""
    return importlib.import_module(_INDEXING).TransformGetItemToIndex()


def _stand_in(name: str, **attributes: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(attributes, __path__=[])
    return module


@contextmanager
def without_unused_packages() -> Iterator[None]:
    """Import transformers' models within this context without scipy, torch.distributed and torch's compiler.

    It does nothing if the compiler is already imported, so that its functions are never replaced while they are in use;
    and where torchvision is installed, which transformers imports then, and which needs the real compiler.
    """
    if _COMPILER in sys.modules or importlib.util.find_spec("torchvision") is not None:
        yield
        return
    compiler = _stand_in(_COMPILER, assume_constant_result=_unchanged, allow_in_graph=_unchanged, disable=_unchanged)
    indexing = _stand_in(_INDEXING, TransformGetItemToIndex=_make_index_transform)
    utilities = (vars(transformers.utils), vars(transformers.utils.import_utils))
    found = [(names, name, names[name]) for names in utilities for name in _ABSENT if name in names]
    for names, name, _ in found:
        names[name] = _is_absent
    if sys.flags.optimize >= 2:
        complete = vars(transformers.utils)["auto_docstring"]
        vars(transformers.utils)["auto_docstring"] = _unchanged
    sys.modules.update({_COMPILER: compiler, _INDEXING: indexing})
    vars(torch)["_dynamo"] = compiler  # not setattr, whose counterpart would import the compiler
    try:
        yield
    finally:
        for names, name, function in found:
            names[name] = function
        if sys.flags.optimize >= 2:
            vars(transformers.utils)["auto_docstring"] = complete
        del sys.modules[_COMPILER], sys.modules[_INDEXING], vars(torch)["_dynamo"]
        _restore({name: function for _, name, function in found})


def _restore(functions: dict[str, Any]) -> None:
    """Give the functions back to all modules that imported their stand-ins."""
    for name, module in list(sys.modules.items()):
        if name.startswith("transformers."):
            for function, real in functions.items():
                if getattr(module, "__dict__", {}).get(function) is _is_absent:
                    setattr(module, function, real)


with without_unused_packages():
    from transformers import (
        CLIPConfig,
        CLIPModel,
        CLIPTextModel,
        CLIPVisionModel,
        Kosmos2Config,
        Kosmos2ForConditionalGeneration,
        Kosmos2Model,
        PreTrainedModel,
        PreTrainedTokenizerBase,
        PreTrainedTokenizerFast,
    )

__all__ = [
    "CLIPConfig",
    "CLIPModel",
    "CLIPTextModel",
    "CLIPVisionModel",
    "Kosmos2Config",
    "Kosmos2ForConditionalGeneration",
    "Kosmos2Model",
    "PreTrainedModel",
    "PreTrainedTokenizerBase",
    "PreTrainedTokenizerFast",
]
