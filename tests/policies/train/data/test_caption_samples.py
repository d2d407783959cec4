from __future__ import annotations

import numpy as np
import pytest
import torch

from policies.dataset import SeenObject
from policies.train.data.caption_samples import select_captioned_frames, find_corner_cells, format_grounded_phrase, augment_sample, format_caption
from policies.train.data.frame_store import cached_store
from policies.train.tasks.grounding import label_cell_words, sample_grounding_task, pointing_loss, contrastive_naming_loss
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


def test_cells_are_named_where_things_are() -> None:
    words = ["ball", "red"]
    named = label_cell_words([SeenObject("red ball", (0.25, 0.5, 0.375, 0.625))], words, 8).reshape(8, 8, 2)
    assert named[4, 2].tolist() == [1.0, 1.0]
    assert named.sum() == 2.0
    tiny = label_cell_words([SeenObject("ball", (0.30, 0.55, 0.31, 0.56))], words, 8).reshape(8, 8, 2)
    assert tiny[4, 2].tolist() == [1.0, 0.0]


def test_an_exercise_asks_for_a_thing_by_the_episodes_words(demonstration, tmp_path) -> None:
    stores = [cached_store([demonstration(1)], tmp_path / "store")]
    sample = select_captioned_frames(stores)[0]
    still = Augmentation(0, 0.0, 0.0, 0.0, 0.0)
    rng = np.random.default_rng(0)
    phrases = ["blue ball", "green ball", "red ball", "yellow ball"]
    asked = [sample_grounding_task(augment_sample(stores, sample, still, rng), phrases, 8, rng) for _ in range(60)]
    visible = {seen.phrase for seen in sample.objects}
    finding = [entry for entry in asked if entry.prompt.endswith("<object>")]
    assert 0 < len(finding) < len(asked)
    for entry in finding:
        phrase = next(p for p in phrases if p in entry.prompt)
        assert entry.prompt.endswith(f"drive down the corridor to the {phrase}<object>")
        assert (entry.answer == "</object>") == (phrase not in visible)
        assert {seen.phrase for seen in entry.named} == ({phrase} & visible)
    assert all(entry.named is None for entry in asked if entry not in finding)


def test_pointing_is_right_where_the_thing_is_and_nowhere_else() -> None:
    ball = SeenObject("red ball", (0.25, 0.5, 0.375, 0.625))
    right = torch.full((1, 64), -9.0)
    right[0, 4 * 8 + 2] = 9.0
    assert pointing_loss(right, [(ball,)], 8) < 0.01
    assert pointing_loss(right, [()], 8) > 1.0  # nothing to point at
    assert pointing_loss(right.roll(1, dims=1), [(ball,)], 8) > 2.0


def test_telling_is_done_when_a_cells_words_are_far_ahead_of_all_others() -> None:
    named = torch.zeros(1, 4, 3)
    named[0, 1, :2] = 1.0
    right, wrong = torch.zeros(1, 4, 3), torch.zeros(1, 4, 3)
    right[0, 1] = torch.tensor([9.0, 9.0, 0.0])
    wrong[0, 1] = torch.tensor([9.0, 0.0, 9.0])
    least = np.log(2.0)  # two words share what is to be given to one
    assert contrastive_naming_loss(right, named) == pytest.approx(least, abs=1e-3)
    assert contrastive_naming_loss(wrong, named) > least + 4.0
