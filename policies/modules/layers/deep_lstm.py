"""A deep LSTM that learns from the first epoch on."""

from __future__ import annotations

import torch
from torch import nn

FORGET_BIAS = 1.0  # bias of the forget gates: at first, remember (Jozefowicz et al. 2015, ICML)
LSTM_GATES = 4  # input, forget, cell, output: in this order in torch's matrices


def build_deep_lstm(features: int, width: int, layers: int) -> nn.LSTM:
    """An LSTM (b, t, features) -> (b, t, width) that starts as is usual: Xavier, orthogonal, open forget gates.

    Torch's own start scales each layer's input down, so that behind four layers frames can hardly be told apart.
    """
    memory = nn.LSTM(features, width, layers, batch_first=True)
    with torch.no_grad():
        for name, weight in memory.named_parameters():
            if name.startswith("bias"):
                weight.zero_()
            if name.startswith("bias_ih"):
                weight[width : 2 * width] = FORGET_BIAS
            if name.startswith("weight"):
                start = nn.init.orthogonal_ if name.startswith("weight_hh") else nn.init.xavier_uniform_
                for gate in weight.chunk(LSTM_GATES):
                    start(gate)
    return memory
