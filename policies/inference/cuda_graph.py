"""Forward passes as CUDA graphs: captured once for each shape and replayed, without the launch of single kernels."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

WARM_UP_CALLS = 3  # before a capture, so that libraries have chosen their kernels and workspaces


class CapturedModule:
    """A module that is captured at its first call with inputs of each shape. A call overwrites the last one's result.

    Args:
        module: In evaluation mode, on a GPU. It must read nothing back and copy nothing from the host.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._captured: dict[tuple[torch.Size, ...], _Capture] = {}

    def __call__(self, *inputs: torch.Tensor) -> Any:
        shapes = tuple(value.shape for value in inputs)
        with torch.cuda.device(inputs[0].device):
            if shapes not in self._captured:
                self._captured[shapes] = _Capture(self._module, inputs)
            return self._captured[shapes].replay(inputs)


class _Capture:
    """A graph with its own inputs and outputs."""

    def __init__(self, module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        self._inputs = [value.clone() for value in inputs]
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(WARM_UP_CALLS):
                module(*self._inputs)
        torch.cuda.current_stream().wait_stream(beside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._outputs = module(*self._inputs)

    def replay(self, inputs: tuple[torch.Tensor, ...]) -> Any:
        for own, given in zip(self._inputs, inputs, strict=True):
            own.copy_(given)
        self._graph.replay()
        return self._outputs
