"""Compiled forward passes of networks, by ``torch.compile`` or ``torch.export``."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from policies.inference.cuda_graph import CapturedModule
from policies.policy import InferenceRuntime
from scenarios.common.errors import InputError


def compile_forward(module: nn.Module, runtime: InferenceRuntime, name: str) -> Callable[..., Any]:
    """Return a module's forward pass, compiled if the runtime says so.

    Args:
        module: In evaluation mode.
        runtime: The requested runtime.
        name: Name of the policy, for errors.

    Raises:
        InputError: The runtime names an execution provider, which is for ONNX files only, or a CUDA graph on a CPU, or
            compilation needs a C++ compiler and there is none.
    """
    if runtime.provider != "cpu":
        raise InputError(
            f"policy '{name}' runs in torch, and --provider {runtime.provider} is for ONNX files: "
            f"'python -m policies.export' writes one"
        )
    if runtime.compile == "graph":
        if runtime.device == "cpu":
            raise InputError("--compile graph replays CUDA graphs: add --device cuda, or choose another form")
        return CapturedModule(module)
    return module.forward if runtime.compile == "none" else CompiledModule(module, runtime.compile)


class CompiledModule:
    """A compiled module. It is compiled at the first call with inputs of each shape, and cached.

    Args:
        module: In evaluation mode.
        kind: "compile" (inductor; it needs a C++ compiler) or "export".

    Raises:
        InputError: There is no C++ compiler.
    """

    def __init__(self, module: nn.Module, kind: str) -> None:
        if kind == "compile" and not find_cpp_compilers():
            raise InputError(
                "--compile compile needs a C++ compiler, and none was found: install g++ or clang++, set CXX, or use "
                "--compile export"
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
    """Return the names of the installed C++ compilers."""
    return [name for name in (os.environ.get("CXX") or "", "g++", "clang++") if name and shutil.which(name)]


def _compile(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> Callable[..., Any]:
    # Compiles the exported program, since a module with a GRU would be compiled in pieces.
    made: Callable[..., Any] = torch.compile(_export(module, inputs), dynamic=False, fullgraph=True)
    return made


def _export(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> Callable[..., Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the GRU's flattened weights aren't buffers, which is harmless
        return torch.export.export(module, inputs, strict=False).module()
