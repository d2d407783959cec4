from __future__ import annotations

import numpy as np
import pytest
import torch

from policies.hybrid.policy import HybridPolicy
from policies.inference.device import DTYPES, copy_networks, describe_runtime, select_device
from policies.inference.runtime import PRECISIONS
from policies.policy import InferenceRuntime
from scenarios.common.errors import InputError


@pytest.fixture
def gpus(monkeypatch):
    """Pretends that this PyTorch finds a number of GPUs."""

    def pretend(count: int, *, built: bool = True, bfloat16: bool = True) -> None:
        monkeypatch.setattr(torch.version, "cuda", "13.0" if built else None)
        monkeypatch.setattr(torch.version, "hip", None)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.cuda, "device", lambda device: torch.no_grad())
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: bfloat16)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU {device.index or 0}")
        monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")

    return pretend


def test_every_precision_that_can_be_asked_for_has_a_format() -> None:
    assert tuple(DTYPES) == PRECISIONS
    with pytest.raises(InputError, match="did you mean 'bf16'"):
        select_device(InferenceRuntime(precision="bf1"))


def test_the_usual_device_is_the_processor() -> None:
    assert select_device(InferenceRuntime()) == torch.device("cpu")


@pytest.mark.parametrize(
    ("count", "built", "device", "message"),
    [
        (0, False, "cuda", r"--device cuda is not available: .* is built for CPUs only; install a build for GPUs"),
        (0, True, "cuda", r"--device cuda is not available: PyTorch finds no GPU .*nvidia-smi"),
        (2, True, "cuda:2", r"--device cuda:2 is not available: PyTorch finds 2 GPUs"),
    ],
)
def test_a_gpu_that_is_not_there_is_bad_input_and_never_the_processor(gpus, count, built, device, message) -> None:
    gpus(count, built=built)
    with pytest.raises(InputError, match=message):
        select_device(InferenceRuntime(device=device))


def test_a_gpu_that_is_there_is_selected(gpus) -> None:
    gpus(2)
    assert select_device(InferenceRuntime(device="cuda:1", precision="bf16")) == torch.device("cuda:1")
    assert not torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cudnn.allow_tf32


def test_bfloat16_is_refused_where_the_gpu_has_none(gpus) -> None:
    gpus(1, bfloat16=False)
    with pytest.raises(InputError, match="--precision bf16 is not available on GPU 0: choose fp16 or fp32"):
        select_device(InferenceRuntime(device="cuda", precision="bf16"))


def test_a_runtime_is_described_by_all_that_differs_from_the_usual(gpus) -> None:
    gpus(1)
    version = f"torch {torch.__version__}"
    assert describe_runtime(InferenceRuntime()) == f"{version} eager"
    asked = InferenceRuntime(compile="graph", device="cuda", precision="fp16")
    assert describe_runtime(asked) == f"{version} graph cuda (GPU 0) fp16"


@pytest.mark.parametrize(("precision", "tolerance"), [("bf16", 0.05), ("fp16", 0.01)])
def test_a_less_precise_policy_answers_nearly_as_before_and_spares_what_it_shares(
    hybrid, frames, precision, tolerance
) -> None:
    exact, rough = HybridPolicy(hybrid, "exact"), HybridPolicy(hybrid, "rough")
    rough.apply_runtime(InferenceRuntime(precision=precision))
    for policy in (exact, rough):
        policy.reset(range(2), ["drive to the red ball", "go"])
    answers = [[policy.act(frames(seed, 2)) for seed in range(3)] for policy in (exact, rough)]
    assert not np.array_equal(*answers)
    assert np.allclose(*answers, atol=tolerance)
    assert answers[1][0].dtype == np.float32
    assert rough.weights_sha256 == exact.weights_sha256
    assert {weight.dtype for weight in hybrid.parameters()} == {torch.float32}
    rough.apply_runtime(InferenceRuntime())
    rough.reset(range(2), ["drive to the red ball", "go"])
    assert np.array_equal(rough.act(frames(0, 2)), answers[0][0])


def test_a_copy_has_every_tensor_on_its_device_and_computes_there_alone(hybrid) -> None:
    policy = HybridPolicy(hybrid, "elsewhere")
    source, meta = hybrid.backbones, torch.device("meta")  # any device that isn't the processor
    frame, moved = copy_networks(policy.network, source, meta, torch.bfloat16, source.prompts)
    assert {tensor.device for tensor in (*frame.parameters(), *frame.buffers())} == {meta}
    assert {weight.dtype for weight in moved.parameters()} == {torch.bfloat16}
    assert moved.prompts is source.prompts
    ids, lengths = torch.ones(2, source.prompts.length, dtype=torch.int64, device=meta), torch.ones(2, device=meta)
    pixels = torch.zeros(2, 224, 224, 3, dtype=torch.uint8, device=meta)
    state = hybrid.initial_state(2).to(meta)
    output = frame(pixels, moved.text(ids), ids, lengths.long(), state)
    assert output.actions.device == output.state.device == meta
    assert output.actions.dtype == output.state.dtype == torch.float32


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU")
@pytest.mark.parametrize("form", ["none", "graph"])
@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-3), ("bf16", 0.05), ("fp16", 0.01)])
def test_a_gpu_answers_as_the_processor_does_and_equally_each_time(hybrid, frames, form, precision, tolerance) -> None:
    runtime = InferenceRuntime(compile=form, device="cuda", precision=precision)
    answers = []
    for asked in (InferenceRuntime(), runtime, runtime):
        policy = HybridPolicy(hybrid, "mine")
        policy.apply_runtime(asked)
        policy.reset(range(3), ["drive to the red ball"] * 3)
        first = [policy.act(frames(seed, 3)) for seed in range(3)]
        policy.reset([1], ["go"])
        answers.append([*first, policy.act(frames(3, 3))])
    assert np.allclose(answers[0], answers[1], atol=tolerance)
    assert np.array_equal(answers[1], answers[2])
