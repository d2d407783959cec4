from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from policies.reference.network import ReferenceConfig, build_reference
from policies.reference.panorama import measure_rows
from policies.train.loop.trainer import step_optimizer
from policies.train.reference.batches import ViewAugmentation, collect_batch
from policies.train.reference.recipe import ReferenceRecipe
from policies.train.reference.task import ReferenceTask, find_rows

PLAIN = ViewAugmentation(mirrored=0.0, brightness=0.0, tint=0.0, offset=0.0, noisy=0.0)
RECIPE = ReferenceRecipe(batch=8, augmentation=PLAIN)


def make_task(views, recipe: ReferenceRecipe = RECIPE) -> ReferenceTask:
    network = build_reference(ReferenceConfig(8, (16, 16, 16, 16), (1, 1, 1, 1), 16, 16), 0)
    return ReferenceTask(network, views, views, recipe, torch.device("cpu"))


@given(st.floats(0.2, 12.0))
def test_rows_of_tensors_are_those_of_arrays(range_m: float) -> None:
    found = find_rows(torch.tensor(range_m, dtype=torch.float64))
    assert float(found) == pytest.approx(float(measure_rows(np.array(range_m))))


def test_it_learns_to_see_a_few_views(make_views) -> None:
    views = make_views(16)
    task = make_task(views)
    network = task._network
    before, first = task.measure_errors(), None
    optimizer = torch.optim.AdamW(network.parameters())
    network.train()
    for step in range(120):
        batch = collect_batch(views.select(np.arange(8) + 8 * (step % 2)))
        loss = step_optimizer(network, task.loss(batch), optimizer, 4e-3, 1.0)
        first = loss if first is None else first
    network.eval()
    after = task.measure_errors()
    assert loss < 0.6 * first
    assert after[0] < before[0]
    assert after[1] < 0.5


def test_views_without_items_have_a_loss(make_views) -> None:
    views = make_views(8)
    views.labels["kinds"][:] = 0
    task = make_task(views)
    loss = task.loss(collect_batch(views.select(np.arange(8))))
    assert torch.isfinite(loss)
    loss.backward()


def test_an_epoch_is_as_many_batches_as_the_views_fill(make_views) -> None:
    task = make_task(make_views(20))
    assert task.steps == len(list(task.batches(np.random.default_rng(0)))) == 2
    assert task.validate() == []
