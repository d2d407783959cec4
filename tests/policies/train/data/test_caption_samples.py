from __future__ import annotations

import numpy as np
import pytest

from policies.dataset import SeenObject
from policies.train.data.caption_samples import (
    augment_sample,
    find_corner_cells,
    format_caption,
    format_grounded_phrase,
    select_captioned_frames,
)
from policies.train.data.frame_store import cached_store
from policies.train.data.windows import Augmentation


@pytest.mark.parametrize("grid", [8, 32])
def test_location_tokens_are_those_of_transformers(grid: int) -> None:
    processing = pytest.importorskip("transformers.models.kosmos2.processing_kosmos2")
    for box in np.random.default_rng(0).uniform(0, 1, (50, 4)):
        x0, x1 = sorted(box[:2])
        y0, y1 = sorted(box[2:])
        assert find_corner_cells((x0, y0, x1, y1), grid) == processing.coordinate_to_patch_index((x0, y0, x1, y1), grid)


def test_boxes_outside_the_image_are_cut_at_its_edge() -> None:
    assert find_corner_cells((-0.2, -0.1, 1.3, 1.0), 8) == (0, 63)


def test_a_grounded_phrase_reads_as_kosmos2_writes_it() -> None:
    text = format_grounded_phrase(SeenObject("red ball", (0.0, 0.0, 0.1, 0.1)), 8)
    assert text == "<phrase> red ball</phrase><object><patch_index_0000><patch_index_0000></object>"


def test_a_caption_names_the_largest_first() -> None:
    objects = [SeenObject("red ball", (0, 0, 0.1, 0.1)), SeenObject("blue box", (0, 0, 0.5, 0.5))]
    assert format_caption(objects) == "a blue box and a red ball"


def test_boxes_move_with_the_picture(demonstration, tmp_path) -> None:
    stores = [cached_store([demonstration(1)], tmp_path / "store")]
    samples = select_captioned_frames(stores)
    assert len(samples) == 12
    for seed in range(6):
        entry = augment_sample(stores, samples[3], Augmentation(3, 0.0, 0.0, 0.0, 0.5), np.random.default_rng(seed))
        for seen in entry.objects:
            x, y = (int(112 * (seen.box[i] + seen.box[i + 2]) / 2) for i in (0, 1))
            colour = entry.planes[0, :, y, x].astype(int)
            assert abs(colour - 150).max() > 60  # a square, not the grey between
