from __future__ import annotations

import numpy as np
import torch

from policies.reference.panorama import CELLS, SIZE
from policies.train.reference.batches import ViewAugmentation, augment_views, collect_batch, draw_batches

PLAIN = ViewAugmentation(mirrored=0.0, brightness=0.0, tint=0.0, offset=0.0, noisy=0.0)


def test_an_epoch_has_every_view_once_but_for_a_rest(make_views) -> None:
    views = make_views(7, 3)
    batches = list(draw_batches(views, 4, PLAIN, np.random.default_rng(0)))
    ranges = np.concatenate([batch.ranges[:, 0].numpy() for batch in batches])
    assert [len(batch.pictures) for batch in batches] == [4, 4]
    assert len(set(ranges.tolist())) == 8
    assert set(ranges.tolist()) <= set(views.labels["ranges"][:, 0].tolist())


def test_equal_draws_give_equal_batches_whoever_makes_them(make_views) -> None:
    views = make_views(6)
    drawn = [list(draw_batches(views, 2, ViewAugmentation(), np.random.default_rng(1), n)) for n in (0, 1)]
    for one, other in zip(*drawn, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_without_augmentation_a_batch_is_what_was_recorded(make_views) -> None:
    views = make_views(3).select(np.arange(3))
    changed, plain = augment_views(views, PLAIN, np.random.default_rng(0)), collect_batch(views)
    assert torch.allclose(changed.pictures, plain.pictures, atol=1e-3)
    assert all(torch.equal(a, b) for a, b in zip(changed[1:], plain[1:], strict=True))


def test_a_mirrored_view_has_mirrored_labels(make_views) -> None:
    views = make_views(3).select(np.arange(3))
    swapped = ViewAugmentation(mirrored=1.0, brightness=0.0, tint=0.0, offset=0.0, noisy=0.0)
    batch, plain = augment_views(views, swapped, np.random.default_rng(0)), collect_batch(views)
    for name in ("pictures", "ranges", "ray_kinds", "kinds", "colours"):
        assert torch.allclose(getattr(batch, name).float(), getattr(plain, name).flip(-1).float(), atol=1e-3), name
    assert torch.allclose(batch.places[:, 0], plain.places[:, 0].flip(-1))
    assert torch.allclose(batch.places[:, 1], -plain.places[:, 1].flip(-1))


def test_colours_and_noise_vary_from_view_to_view(make_views) -> None:
    views = make_views(8).select(np.arange(8))
    noisy = ViewAugmentation(mirrored=0.0, noisy=1.0, noise=0.1)
    batch = augment_views(views, noisy, np.random.default_rng(0))
    change = batch.pictures - torch.from_numpy(views.pictures).float()
    assert change.shape == (8, 3, SIZE, SIZE)
    assert change.mean(dim=(1, 2, 3)).std() > 3.0  # brightness
    assert change[:, 0, 0].std(dim=1).max() > 5.0  # noise
    assert batch.kinds.shape == (8, CELLS, CELLS)
