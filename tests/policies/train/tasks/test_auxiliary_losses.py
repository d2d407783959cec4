from __future__ import annotations

import numpy as np
import pytest
import torch

from policies.dataset import SeenObject
from policies.train.tasks.auxiliary_losses import action_loss, contrastive_naming_loss, label_cell_words, pointing_loss


def test_cells_are_named_where_things_are() -> None:
    words = ["ball", "red"]
    named = label_cell_words([SeenObject("red ball", (0.25, 0.5, 0.375, 0.625))], words, 8).reshape(8, 8, 2)
    assert named[4, 2].tolist() == [1.0, 1.0]
    assert named.sum() == 2.0
    tiny = label_cell_words([SeenObject("ball", (0.30, 0.55, 0.31, 0.56))], words, 8).reshape(8, 8, 2)
    assert tiny[4, 2].tolist() == [1.0, 0.0]


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


def test_the_action_loss_of_no_samples_is_zero_and_of_a_right_one_too() -> None:
    right = torch.tensor([[0.5, -0.5, 0.0]])
    assert action_loss(torch.zeros(0, 3), torch.zeros(0, 3)) == 0.0
    assert action_loss(right, right) == 0.0
    assert action_loss(right + 1.0, right) > 0.5
