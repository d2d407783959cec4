"""Hashing of the weights of torch networks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import torch
from torch import nn


def hash_networks(networks: Iterable[nn.Module]) -> str | None:
    """Compute the sha256 over the names, types, shapes and bytes of all weights and buffers; None if there are none.

    It covers the loaded weights rather than a file, so it also distinguishes two ways of loading the same file.
    """
    digest, seen = hashlib.sha256(), False
    for network in networks:
        for name, tensor in sorted(network.state_dict().items()):
            seen = True
            digest.update(f"{name}/{tensor.dtype}/{tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest() if seen else None
