from __future__ import annotations

import torch

from policies.backbones.text.prompts import Prompt
from policies.inference.episode_state import EpisodeStates


def _prompt(*rows: int) -> Prompt:
    ids = torch.tensor([[row] * 4 for row in rows])
    return Prompt(ids, ids, torch.tensor(list(rows)))


def test_states_grow_to_the_highest_slot_and_unbegun_slots_have_a_last_token() -> None:
    states = EpisodeStates(lambda n: torch.zeros(n, 2), text_width=3, length=4)
    states.begin([2], _prompt(3), torch.ones(1, 3))
    assert states.state.shape == (3, 2)
    assert states.lengths.tolist() == [1, 1, 3]
    assert states.text.tolist() == [[0.0] * 3, [0.0] * 3, [1.0] * 3]


def test_beginning_again_forgets_that_slot_alone() -> None:
    states = EpisodeStates(lambda n: torch.zeros(1, n, 2), text_width=3, length=4, slot_axis=1)
    states.begin([0, 1], _prompt(1, 2), None)
    states.state += 1.0
    states.begin([1], _prompt(4), None)
    assert states.state.tolist() == [[[1.0, 1.0], [0.0, 0.0]]]
    assert states.ids[:, 0].tolist() == [1, 4]
    assert not states.text.any()


def test_moved_states_stay_on_their_device() -> None:
    states = EpisodeStates(lambda n: torch.zeros(n, 2), text_width=3, length=4)
    states.begin([0], _prompt(2), None)
    meta = torch.device("meta")
    states.move(meta)
    states.begin([1], _prompt(3), torch.ones(1, 3, device=meta))
    assert {held.device for held in (states.state, states.text, states.ids, states.lengths)} == {meta}
    assert states.state.shape == (2, 2)
