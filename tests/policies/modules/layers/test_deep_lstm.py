from __future__ import annotations

import torch

from policies.modules.layers.deep_lstm import FORGET, GATES, deep_lstm

WIDTH, LAYERS = 32, 4


def test_recurrences_are_orthogonal_and_forget_gates_open() -> None:
    memory = deep_lstm(8, WIDTH, LAYERS)
    for layer in range(LAYERS):
        for gate in getattr(memory, f"weight_hh_l{layer}").chunk(GATES):
            assert torch.allclose(gate @ gate.T, torch.eye(WIDTH), atol=1e-5)
        bias = getattr(memory, f"bias_ih_l{layer}") + getattr(memory, f"bias_hh_l{layer}")
        assert (bias[WIDTH : 2 * WIDTH] == FORGET).all()
        assert bias.abs().sum() == FORGET * WIDTH


def test_frames_can_be_told_apart_behind_all_layers() -> None:
    torch.manual_seed(0)
    frames = torch.randn(64, 3, 8)
    usual, plain = deep_lstm(8, WIDTH, LAYERS), torch.nn.LSTM(8, WIDTH, LAYERS, batch_first=True)
    spread = [memory(frames)[0].std(0).mean() for memory in (usual, plain)]
    assert spread[0] > 3.0 * spread[1]
