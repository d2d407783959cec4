"""The same weights in compiled form: a network's forward pass by ``torch.compile`` or by ``torch.export``."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from policies.policy import InferenceRuntime
from scenarios.common.errors import InputError


def describe_runtime(kind: str) -> str:
    """What computes a torch network, for the results."""
    return f"torch {torch.__version__} {'eager' if kind == 'none' else kind}"


def compile_forward(module: nn.Module, runtime: InferenceRuntime, name: str) -> Callable[..., Any]:
    """A module's forward pass as was asked for.

    Raises:
        InputError: it is asked of a policy (``name``) of torch to run by an execution provider, or to be compiled
            where there is no C++ compiler.
    """
    if runtime.provider != "cpu":
        raise InputError(
            f"policy '{name}' is run by torch: --provider {runtime.provider} is for ONNX files, "
            f"which 'python -m policies.export' writes"
        )
    return module.forward if runtime.compile == "none" else CompiledModule(module, runtime.compile)


class CompiledModule:
    """Calls a module in compiled form. What is compiled is made at the first call with inputs of a shape, and kept.

    Args:
        module: In evaluation mode.
        kind: "compile" (inductor; it needs a C++ compiler) or "export".

    Raises:
        InputError: there is no C++ compiler.
    """

    def __init__(self, module: nn.Module, kind: str) -> None:
        if kind == "compile" and not find_cpp_compilers():
            raise InputError(
                "--compile compile needs a C++ compiler, and there is none: install g++ or clang++, name one in CXX, "
                "or use --compile export"
            )
        self._module = module
        self._make = {"compile": _compile, "export": _export}[kind]
        self._made: dict[tuple[torch.Size, ...], Callable[..., Any]] = {}

    def __call__(self, *inputs: torch.Tensor) -> Any:
        shapes = tuple(value.shape for value in inputs)
        if shapes not in self._made:
            self._made[shapes] = self._make(self._module, inputs)
        return self._made[shapes](*inputs)


def find_cpp_compilers() -> list[str]:
    """The C++ compilers that there are, by name."""
    return [name for name in (os.environ.get("CXX") or "", "g++", "clang++") if name and shutil.which(name)]


def _compile(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> Callable[..., Any]:
    # By way of the exported program: a module with a GRU would be compiled in pieces.
    made: Callable[..., Any] = torch.compile(_export(module, inputs), dynamic=False, fullgraph=True)
    return made


def _export(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> Callable[..., Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the GRU's flattened weights are no buffers, which changes nothing
        return torch.export.export(module, inputs, strict=False).module()
