"""Training computes on the device that it is told to, shown without one: on torch's meta device, which holds shapes.

An operation on tensors of two devices, which a GPU would refuse, is refused here, too. Only at the end of an epoch,
where the network is validated, saved or brought back, is it missed that there are no numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
import torch.fx.experimental._config
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from policies.backbones.clip import build_clip
from policies.backbones.compact import special_token_ids
from policies.backbones.kosmos2 import build_kosmos2
from policies.train.loop.trainer import OptimizerConfig
from policies.train.tasks import contrastive
from policies.train.tasks.cloning import CloneOptions, clone_behaviour
from policies.train.tasks.contrastive import ContrastivePretraining
from policies.train.tasks.grounding import GroundingPretraining
from policies.train.tasks.pretraining import PretrainOptions, run_pretraining

from .small_models import build_small_hybrid, small_clip_config, small_kosmos2_config

META = torch.device("meta")
STEPS = 2
OPTIONS = PretrainOptions(steps=STEPS, batch=8, course=OptimizerConfig(epochs=1))

aten = torch.ops.aten
# What a GPU does with tensors of the CPU, too: copies, and rows by number.
ACROSS = {aten._to_copy, aten.copy_, aten.index, aten.index_put, aten.index_put_, aten._index_put_impl_}


class _OneDevice(TorchDispatchMode):
    """Refuses what a GPU would: tensors of several devices, numbers without dimensions aside."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        devices = {tensor.device.type for tensor in tensors if tensor.ndim}
        if len(devices) > 1 and func.overloadpacket not in ACROSS:
            raise RuntimeError(f"{func} on tensors of {sorted(devices)}")
        return func(*args, **(kwargs or {}))


@pytest.fixture(autouse=True)
def optimizers(monkeypatch) -> list[torch.optim.Optimizer]:
    """Those that were made; numbers are taken for 0."""
    monkeypatch.setattr(torch.fx.experimental._config, "meta_nonzero_assume_all_nonzero", True, raising=False)
    monkeypatch.setattr(torch.Tensor, "__float__", lambda _: 0.0)
    adamw, made = torch.optim.AdamW, []

    def unfused(*args, **kwargs):
        made.append(adamw(*args, **{**kwargs, "fused": False}))
        return made[-1]

    monkeypatch.setattr(torch.optim, "AdamW", unfused)
    return made


@pytest.fixture
def run(make_run, tmp_path):
    return make_run(tmp_path / "work", device="meta")


@contextmanager
def _one_device() -> Iterator[None]:
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"), _OneDevice():
        yield


def _steps(optimizers: list[torch.optim.Optimizer]) -> int:
    (optimizer,) = optimizers
    return max(int(state["step"].item()) for state in optimizer.state.values())


def test_cloning(tokenizer, data, optimizers, run, tmp_path) -> None:
    model, options = build_small_hybrid(tokenizer), CloneOptions(OptimizerConfig(epochs=1), windows=(6,))
    with _one_device():
        clone_behaviour(model, replace(data, validation=[]), options, tmp_path / "out", run)
    assert _steps(optimizers) >= 1


def test_kosmos2(tokenizer, data, optimizers, run, tmp_path) -> None:
    model = build_kosmos2(small_kosmos2_config(**special_token_ids(tokenizer)))
    with _one_device():
        run_pretraining(GroundingPretraining(model, tokenizer, data.train, OPTIONS, META), tmp_path / "out", run)
    assert _steps(optimizers) == STEPS


def test_clip(tokenizer, data, optimizers, run, tmp_path) -> None:
    model = build_clip(small_clip_config(**special_token_ids(tokenizer)))
    with _one_device():
        run_pretraining(ContrastivePretraining(model, tokenizer, data.train, OPTIONS, META), tmp_path / "out", run)
    assert _steps(optimizers) == STEPS


@pytest.mark.parametrize("inputs", ["encode_captions", "stack_planes"])
def test_what_stays_on_the_cpu_is_found(inputs, tokenizer, data, optimizers, run, tmp_path, monkeypatch) -> None:
    class Stays(torch.Tensor):
        def to(self, *args, **kwargs):
            return self.as_subclass(torch.Tensor)

    real = getattr(contrastive, inputs)
    monkeypatch.setattr(contrastive, inputs, lambda *args: real(*args).as_subclass(Stays))
    model = build_clip(small_clip_config(**special_token_ids(tokenizer)))
    with pytest.raises(RuntimeError, match=r"on tensors of \['cpu', 'meta'\]"), _OneDevice():
        run_pretraining(ContrastivePretraining(model, tokenizer, data.train, OPTIONS, META), tmp_path / "out", run)
    assert not optimizers[0].state
