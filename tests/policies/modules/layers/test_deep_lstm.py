from __future__ import annotations

import torch

from policies.modules.layers.deep_lstm import FORGET_BIAS, LSTM_GATES, build_deep_lstm

WIDTH, LAYERS = 32, 4


def test_recurrences_are_orthogonal_and_forget_gates_open() -> None:
    memory = build_deep_lstm(8, WIDTH, LAYERS)
    for layer in range(LAYERS):
        for gate in getattr(memory, f"weight_hh_l{layer}").chunk(LSTM_GATES):
            assert torch.allclose(gate @ gate.T, torch.eye(WIDTH), atol=1e-5)
        bias = getattr(memory, f"bias_ih_l{layer}") + getattr(memory, f"bias_hh_l{layer}")
        assert (bias[WIDTH : 2 * WIDTH] == FORGET_BIAS).all()
        assert bias.abs().sum() == FORGET_BIAS * WIDTH


def test_frames_can_be_told_apart_behind_all_layers() -> None:
    torch.manual_seed(0)
    frames = torch.randn(64, 3, 8)
    usual, plain = build_deep_lstm(8, WIDTH, LAYERS), torch.nn.LSTM(8, WIDTH, LAYERS, batch_first=True)
    spread = [memory(frames)[0].std(0).mean() for memory in (usual, plain)]
    assert spread[0] > 3.0 * spread[1]
