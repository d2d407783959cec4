"""Initialisation of deep LSTMs, so that they learn from the first epoch."""

from __future__ import annotations

import torch
from torch import nn

FORGET_BIAS = 1.0  # initial bias of the forget gates, towards remembering (Jozefowicz et al. 2015, ICML)
LSTM_GATES = 4  # input, forget, cell, output, in the order of torch's matrices


def build_deep_lstm(features: int, width: int, layers: int) -> nn.LSTM:
    """Build an LSTM (b, t, features) -> (b, t, width) with the usual start: Xavier, orthogonal, open forget gates.

    Torch's default scales each layer's input down, so that frames hardly differ after four layers.
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
