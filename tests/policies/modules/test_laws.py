"""What every block owes: each sample for itself, every weight trained, nothing built late."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import policies.modules
from policies.modules.heads.head import Head


def _drawn(takes, samples: int) -> tuple[torch.Tensor, ...]:
    return tuple(torch.randn(samples, *shape) for shape in takes)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(samples=st.integers(2, 5), data=st.data())
def test_a_samples_answer_depends_on_that_sample_alone(example, feed, samples: int, data) -> None:
    torch.manual_seed(data.draw(st.integers(0, 1000)))
    own = data.draw(st.integers(0, samples - 1))
    block, inputs = example.build().eval(), _drawn(example.takes, samples)
    others = tuple(10 * torch.randn_like(each) for each in inputs)
    for each, other in zip(inputs, others, strict=True):
        other[own] = each[own]
    with torch.inference_mode():
        before, after = feed(block, inputs), feed(block, others)
    assert torch.equal(before[own], after[own])
    assert not torch.equal(before, after)


def test_every_weight_gets_a_gradient(example, feed) -> None:
    block = example.build()
    answers = feed(block, tuple(each.requires_grad_() for each in _drawn(example.takes, 5)))
    (answers * torch.randn_like(answers)).sum().backward()
    idle = [name for name, weight in block.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert idle == []


def test_all_weights_exist_before_the_first_answer(example, feed) -> None:
    block = example.build()
    before = {name: id(weight) for name, weight in block.named_parameters()}
    assert not any(isinstance(part, nn.modules.lazy.LazyModuleMixin) for part in block.modules())
    feed(block, _drawn(example.takes, 2))
    assert {name: id(weight) for name, weight in block.named_parameters()} == before


def test_training_mode_answers_as_evaluation_mode(example, feed) -> None:
    block, inputs = example.build(), _drawn(example.takes, 3)
    assert torch.allclose(feed(block.train(), inputs), feed(block.eval(), inputs), atol=1e-6)


def test_no_block_goes_untested(built_blocks) -> None:
    public = set()
    for found in pkgutil.walk_packages(policies.modules.__path__, "policies.modules."):
        module = importlib.import_module(found.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, nn.Module) and kind.__module__ == module.__name__:
                public.add(kind)
    assert public - {Head} == built_blocks


@pytest.mark.parametrize("frames", [1, 2, 9])
def test_a_head_answers_frames_at_once_as_one_at_a_time(head: Head, frames: int) -> None:
    features = torch.randn(2, frames, head.features)
    with torch.inference_mode():
        whole = head(features, head.initial_state(2))
        state, rows = head.initial_state(2), []
        for k in range(frames):
            answer = head(features[:, k : k + 1], state)
            state = answer.state
            rows.append(answer.actions)
    assert whole.actions.shape == (2, frames, head.chunk, head.axes)
    assert torch.allclose(whole.actions, torch.cat(rows, dim=1), atol=1e-6)
    assert torch.allclose(whole.state, state, atol=1e-6)


def test_a_heads_actions_lie_within_one(head: Head) -> None:
    with torch.no_grad():
        for weight in head.parameters():
            weight.mul_(20.0)
    actions = head(100 * torch.randn(3, 4, head.features), head.initial_state(3)).actions
    assert actions.abs().max() <= 1.0
    assert actions.abs().max() > 0.9


def test_a_heads_state_holds_a_slot_in_each_row(head: Head) -> None:
    features = torch.randn(3, 5, head.features)
    with torch.inference_mode():
        state = head(features, head.initial_state(3)).state
        assert state.shape == head.initial_state(3).shape
        state[1] = head.initial_state(1)[0]  # an episode begins in slot 1
        later = head(features, state).actions
        afresh = head(features, head.initial_state(3)).actions
        again = head(features, head(features, head.initial_state(3)).state).actions
    assert torch.equal(later[1], afresh[1])
    assert torch.equal(later[[0, 2]], again[[0, 2]])
