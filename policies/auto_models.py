"""Registration of this package's networks with transformers: ``AutoModel.from_pretrained(folder)`` loads a checkpoint.

Import this module before you call it. A system's network computes actions from features, which its backbones compute
(``policies.systems.backbone_sources``).
"""

from __future__ import annotations

from typing import Any

from transformers import AutoConfig, AutoModel, PretrainedConfig

from policies.backbones.backbones import Backbones
from policies.backbones.checkpoint import PretrainedModule
from policies.blind.network import BlindNetwork
from policies.hybrid.network import Hybrid
from policies.reference.network import ReferenceNetwork
from policies.sb3.network import Sb3Network
from policies.systems.network import System

NETWORKS: tuple[type[PretrainedModule], ...] = (Backbones, BlindNetwork, Hybrid, ReferenceNetwork, Sb3Network, System)


class CheckpointConfig(PretrainedConfig):
    """The entries of a checkpoint's ``config.json`` as attributes. It describes, and is never written back."""


def _make_classes(network: type[PretrainedModule]) -> tuple[type[PretrainedConfig], type[Any]]:
    """Make the two classes that transformers asks for: a config of this model type, and a class that loads a folder."""
    config = type(f"{network.__name__}CheckpointConfig", (CheckpointConfig,), {"model_type": network.model_type})

    class Loader:
        config_class = config

        @classmethod
        def from_pretrained(cls, folder: str, *_: Any, **__: Any) -> PretrainedModule:
            """Load the network; transformers' options, such as its config, change nothing."""
            return network.from_pretrained(folder)

    Loader.__name__ = network.__name__
    return config, Loader


def register_networks() -> None:
    """Register every kind of network, once."""
    for network in NETWORKS:
        config, loader = _make_classes(network)
        AutoConfig.register(network.model_type, config, exist_ok=True)
        AutoModel.register(config, loader, exist_ok=True)


register_networks()
