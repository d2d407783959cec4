from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from policies.reference.words import UNKNOWN
from policies.train.data.windows import Augmentation
from policies.train.reference.batches import draw_reference_batches, hide_words
from scenarios.common.seeding import make_generator

PLAIN = Augmentation(shift_px=0, brightness=0.0, contrast=0.0, channel=0.0, mirror=0.0)
MIRRORED = replace(PLAIN, mirror=1.0)


def draw(recordings, network, options, seed: int = 1000):
    return list(draw_reference_batches(recordings, network.encoder, network.grid, options, make_generator(seed, "a")))


def test_an_epoch_has_the_batches_asked_for_and_equal_seeds_draw_alike(recordings, make_network, options) -> None:
    network = make_network()
    one, same, other = (draw(recordings, network, options, seed) for seed in (1, 1, 2))
    assert len(one) == options.steps
    for a, b in zip(one, same, strict=True):
        assert torch.equal(a.planes, b.planes)
        assert torch.equal(a.words, b.words)
    seen, others = (torch.cat([batch.planes.flatten(0, 1) for batch in each]) for each in (one, other))
    assert not torch.equal(seen, others)
    for batch in one:
        b, t = batch.weights.shape
        assert batch.planes.shape == (b, t, 3, 112, 112)
        assert batch.actions.shape == (b, t, 3)
        assert batch.odometry.shape == (b * t, 3)


def test_other_processes_draw_the_same_batches(recordings, make_network, options) -> None:
    network, rng = make_network(), [make_generator(1, "a") for _ in range(2)]
    here = draw_reference_batches(recordings, network.encoder, network.grid, options, rng[0])
    there = draw_reference_batches(recordings, network.encoder, network.grid, options, rng[1], processes=2)
    for one, same in zip(here, there, strict=True):
        assert torch.equal(one.planes, same.planes)
        assert torch.equal(one.gains, same.gains)
        assert torch.equal(one.words, same.words)
        assert torch.equal(one.captions.phrases, same.captions.phrases)


def test_a_mirrored_window_has_mirrored_actions_and_boxes(recordings, make_network, options) -> None:
    network, options = make_network(), replace(options, unknown_words=0.0, lost_odometry=0.0)
    plain, mirrored = (draw(recordings, network, replace(options, augmentation=each))[0] for each in (PLAIN, MIRRORED))
    assert torch.equal(plain.planes.flip(4), mirrored.planes)
    assert torch.equal(plain.actions * torch.tensor([1.0, -1.0, -1.0]), mirrored.actions)
    grid = network.grid
    named = [each.captions.named.sum(-1).view(-1, grid, grid) for each in (plain, mirrored)]
    assert (named[0].sum((1, 2)) > 0).all()
    assert (named[0].flip(2) != named[1]).float().mean() < 0.1  # a box that ends between two cells counts in both


def test_the_cells_of_what_the_instruction_names_are_among_those_of_all_objects(
    recordings, make_network, options
) -> None:
    batch = draw(recordings, make_network(), options)[0].captions
    assert batch.asks.all()
    assert (batch.asked.sum(1) > 0).all()
    assert (batch.asked <= (batch.named.sum(-1) > 0)).all()
    assert (batch.shown <= (batch.named.sum(-1) > 0)).all()


def test_recordings_without_captions_can_be_learned_from(recordings, make_network, options) -> None:
    network = make_network()
    store = recordings.stores[0]
    bare = replace(store, episodes=tuple(replace(episode, captions=()) for episode in store.episodes))
    batch = draw(replace(recordings, stores=[bare]), network, options)[0]
    assert len(batch.captions.rows) == len(batch.captions.named) == len(batch.captions.phrases) == 0


def test_words_that_name_nothing_become_unknown_and_the_others_stay() -> None:
    ids = torch.tensor([[2, 3, 4, 5, 0]] * 400)
    hidden = hide_words(ids, torch.tensor([3, 0]), 0.25, np.random.default_rng(0))
    assert (hidden[:, 1] == 3).all()
    assert (hidden[:, 4] == 0).all()
    share = (hidden[:, [0, 2, 3]] == UNKNOWN).float().mean()
    assert 0.2 < share < 0.3


def test_odometry_is_withheld_from_a_share_of_the_windows(recordings, make_network, options) -> None:
    network = make_network()
    store = replace(recordings.stores[0], agent_pos=np.ones_like(recordings.stores[0].agent_pos))
    known = replace(recordings, stores=[store])
    kept, lost = (draw(known, network, replace(options, lost_odometry=share))[0] for share in (0.0, 1.0))
    assert (kept.odometry.abs() == 1.0).all()
    assert (lost.odometry == 0.0).all()


def test_a_target_is_named_by_its_phrase_or_by_its_noun(recordings) -> None:
    assert recordings.find_target("drive down the corridor to the red ball") == "red ball"
    assert recordings.find_target("pass the boxes on the left to track the target ball") == "ball"
    assert recordings.find_target("pass the ball") is None
