from __future__ import annotations

import numpy as np
import pytest

from policies.train.data.frame_store import cached_store
from policies.train.data.windows import (
    MIRROR_SIGNS,
    Augmentation,
    WindowSampling,
    augment_frames,
    draw_batches,
    draw_windows,
    mirror_instruction,
)

STILL = Augmentation(shift_px=0, brightness=0.0, contrast=0.0, channel=0.0, mirror=0.0)


@pytest.fixture
def store(demonstration, tmp_path):
    return cached_store((demonstration(i, frames=n) for i, n in enumerate((12, 30, 5))), tmp_path / "cache" / "store")


def _epoch(store, augmentation: Augmentation, seed: int = 0):
    rng = np.random.default_rng(seed)
    sampling = WindowSampling(windows=(8,), frames_per_batch=24, warm=2, warm_weight=0.5, augmentation=augmentation)
    return list(draw_batches([store], sampling, rng))


def test_windows_cover_every_frame_of_every_episode(store) -> None:
    for seed in range(5):
        seen: set[tuple[int, int]] = set()
        for _, e, begin in draw_windows([store], (5,), np.random.default_rng(seed))[5]:
            assert 0 <= begin <= max(0, store.episodes[e].length - 5)
            seen |= {(e, begin + k) for k in range(5)}
        assert {(2, k) for k in range(5)} <= seen
        assert len({k for e, k in seen if e == 1}) >= 20


def test_windows_of_several_lengths_make_batches_of_equal_size(store) -> None:
    sampling = WindowSampling(windows=(4, 8), frames_per_batch=8, warm=1, warm_weight=0.5, augmentation=STILL)
    rng = np.random.default_rng(3)
    shapes = {batch.weights.shape for _ in range(10) for batch in draw_batches([store], sampling, rng)}
    assert shapes == {(2, 4), (1, 8)}


def test_what_lies_beyond_an_episode_weighs_nothing(store) -> None:
    weights = np.concatenate([batch.weights for batch in _epoch(store, STILL)])
    assert (weights[:, 5:] == 0).any()
    assert set(np.unique(weights)) <= {0.0, 0.5, 1.0}


def test_unaugmented_windows_hold_the_frames_themselves(store) -> None:
    batch = _epoch(store, STILL)[0]
    rows = batch.planes.permute(0, 2, 3, 1).numpy()
    assert all(any(np.array_equal(row, frame) for frame in store.pixels) for row in rows)


def test_mirroring_turns_frames_actions_and_words_together(store) -> None:
    plain = _epoch(store, STILL)[0]
    mirrored = _epoch(store, Augmentation(0, 0.0, 0.0, 0.0, 1.0))[0]
    assert np.array_equal(mirrored.planes, plain.planes.flip(-1))
    assert np.array_equal(mirrored.actions, plain.actions * MIRROR_SIGNS)
    assert mirror_instruction("the ball on the left, not the right one") == "the ball on the right, not the left one"
    assert mirror_instruction("leftover bright") == "leftover bright"


def test_shifting_moves_the_content_as_it_says() -> None:
    frames = np.zeros((1, 112, 112, 3), np.uint8)
    frames[0, 50, 60] = 255
    rng = np.random.default_rng(3)
    planes, _, (dx, dy), _ = augment_frames(frames, Augmentation(3, 0.0, 0.0, 0.0, 0.0), rng)
    assert (dx, dy) != (0, 0)
    assert planes[0, :, 50 + dy, 60 + dx].tolist() == [255] * 3


def test_equal_seeds_draw_equal_batches(store) -> None:
    one, other = _epoch(store, Augmentation()), _epoch(store, Augmentation())
    assert all(np.array_equal(a.planes, b.planes) for a, b in zip(one, other, strict=True))
    assert not np.array_equal(one[0].planes, _epoch(store, Augmentation(), seed=1)[0].planes)
