from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from torch import nn

from policies.hybrid.policy import HybridPolicy
from policies.inference.compiled import CompiledModule
from policies.inference.runtime import apply_runtime
from policies.policy import InferenceRuntime, ObservationBatch
from scenarios.common.errors import InputError


class _Remembering(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.inside = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        state = torch.tanh(self.inside(x) + state)
        return state.sum(-1), state


def _answers(policy: HybridPolicy, slots: int) -> list[np.ndarray]:
    policy.reset(range(slots), ["drive to the red ball", "go to the blue cone"][:slots])
    rng = np.random.default_rng(0)
    live, place = np.ones(slots, bool), np.zeros((slots, 6), np.float32)
    return [
        policy.act(ObservationBatch(rng.integers(0, 256, (slots, 224, 224, 3)).astype(np.uint8), place, live))
        for _ in range(3)
    ]


def test_the_exported_program_answers_as_the_network_does(hybrid) -> None:
    eager, exported = HybridPolicy(hybrid, "eager"), HybridPolicy(hybrid, "exported")
    apply_runtime(exported, InferenceRuntime(compile="export"))
    assert eager.spec.runtime.endswith(" eager")
    assert exported.spec.runtime.endswith(" export")
    assert np.allclose(_answers(eager, 2), _answers(exported, 2), atol=1e-5)


@pytest.mark.parametrize(("kind", "shapes"), [pytest.param("compile", [2], marks=pytest.mark.slow), ("export", [1, 3])])
def test_compiled_forms_give_the_modules_answers(kind, shapes) -> None:
    if kind == "compile" and not (shutil.which("g++") or shutil.which("clang++")):
        pytest.skip("no C++ compiler")
    module = _Remembering().eval()
    compiled = CompiledModule(module, kind)
    for slots in shapes:
        x, state = torch.randn(slots, 4), torch.zeros(slots, 4)
        with torch.inference_mode():
            for one, other in zip(module(x, state), compiled(x, state), strict=True):
                assert torch.allclose(one, other, atol=1e-6)


def test_without_a_compiler_compiling_is_bad_input(monkeypatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="needs a C\\+\\+ compiler"):
        CompiledModule(_Remembering(), "compile")


def test_an_execution_provider_is_for_onnx_files(hybrid) -> None:
    with pytest.raises(InputError, match="runs in torch, and --provider cuda is for ONNX files"):
        apply_runtime(HybridPolicy(hybrid, "mine"), InferenceRuntime(provider="cuda"))


def test_a_cuda_graph_needs_a_gpu(hybrid) -> None:
    with pytest.raises(InputError, match="--compile graph replays CUDA graphs: add --device cuda"):
        apply_runtime(HybridPolicy(hybrid, "mine"), InferenceRuntime(compile="graph"))
