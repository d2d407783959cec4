from __future__ import annotations

import copy

import torch

from policies.auto_models import NETWORKS
from policies.reference.network import RAY_KINDS, ReferenceConfig, ReferenceNetwork, build_reference
from policies.reference.panorama import CELLS, RAYS, SIZE
from policies.reference.vocabulary import COLOURS, KINDS

LARGEST = 5_000_000


def look(network: ReferenceNetwork, seed: int = 0, count: int = 2):
    with torch.inference_mode():
        return network(torch.rand(count, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed)) * 255.0)


def test_the_reference_has_at_most_five_million_weights() -> None:
    with torch.device("meta"):
        network = ReferenceNetwork(ReferenceConfig())
    assert 1_000_000 < network.parameter_count <= LARGEST


def test_it_tells_distances_for_all_rays_and_items_for_all_cells(network) -> None:
    outputs = look(network)
    assert outputs.rows.shape == outputs.spreads.shape == (2, RAYS)
    assert outputs.ray_kinds.shape == (2, len(RAY_KINDS), RAYS)
    assert outputs.kinds.shape == (2, 1 + len(KINDS), CELLS, CELLS)
    assert outputs.colours.shape == (2, len(COLOURS), CELLS, CELLS)
    assert outputs.places.shape == (2, 2, CELLS, CELLS)


def test_a_ray_s_row_is_where_its_column_of_cells_scores_highest(network) -> None:
    outputs = look(network)
    scores = outputs.row_scores.transpose(2, 3).permute(0, 2, 1, 3).flatten(1, 2)  # (n, rays, cells): two rays a column
    middles = (scores.softmax(dim=2) * (torch.arange(CELLS) + 0.5)).sum(dim=2)
    offsets = outputs.rows - middles
    assert offsets.abs().max() < 2.0
    assert torch.corrcoef(torch.stack([outputs.rows.flatten(), middles.flatten()]))[0, 1] > 0.0


def test_equal_seeds_give_equal_weights() -> None:
    shape = ReferenceConfig(8, (8, 8, 8, 8), (1, 1, 1, 1), 16, 8)
    one, same, other = (build_reference(shape, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_a_saved_network_is_loaded_as_it_was_after_many_batches(network, tmp_path) -> None:
    trained = copy.deepcopy(network)
    for name, value in trained.state_dict().items():
        if name.endswith("num_batches_tracked"):
            value.fill_(100_000)  # more than half precision can hold
    trained.save_pretrained(tmp_path)
    again = ReferenceNetwork.from_pretrained(tmp_path)
    assert again.config == network.config
    assert torch.allclose(look(again).rows, look(trained).rows, atol=0.1)
    assert ReferenceNetwork in NETWORKS
    assert {int(v) for n, v in again.state_dict().items() if n.endswith("num_batches_tracked")} == {100_000}
