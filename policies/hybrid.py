"""The hybrid: CLIP and Kosmos-2, vision and text, one recurrent head. From pixels and an instruction to an action.

The published network (4352 -> 2048 -> recurrent -> 1024, 512, 256 -> actions) at any width: the four features are
concatenated with a few channels of every patch and with Kosmos-2's pointing at what the instruction names, projected,
remembered by a GRU, and turned into an action by an MLP of three layers that also sees the present projection directly,
so that the memory need not relay it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import CLIPConfig, CLIPTextModel, CLIPVisionModel, Kosmos2Config, Kosmos2Model

from policies.backbones.clip import text_feature, vision_tokens
from policies.backbones.kosmos2 import features
from policies.backbones.pixels import normalise, shrink
from policies.backbones.prompts import Prompts
from policies.backbones.tokenizer import load_tokenizer
from scenarios.errors import InputError

WEIGHTS, CONFIG, CLIP_TOKENIZER = "model.safetensors", "config.json", "clip_tokenizer"
ACTION_AXES = 3


@dataclass(frozen=True)
class HybridConfig:
    """Everything that shapes the network; what ``config.json`` of a checkpoint holds.

    Attributes:
        clip, kosmos2: The backbones' own configs, as dictionaries.
        places: Channels that each patch of CLIP's and of Kosmos-2's tower hands on besides the pooled feature.
        fused: Width of the projected features. recurrent: Width and depth of the GRU. hidden: Widths inside the MLP.
        prompt_length: Token ids per instruction.
    """

    clip: dict[str, Any]
    kosmos2: dict[str, Any]
    places: tuple[int, int] = (8, 4)
    fused: int = 176
    recurrent: tuple[int, int] = (160, 1)
    hidden: tuple[int, int] = (192, 96)
    prompt_length: int = 24
    model_type: str = "hybrid"


class Step(NamedTuple):
    """What the head answers."""

    actions: torch.Tensor  # (b, t, 3) in [-1, 1]
    state: torch.Tensor  # (layers, b, width): the memory after the last frame


class Hybrid(nn.Module):
    """The network. Hold it by ``from_pretrained`` or build it fresh from a config and tokenizers."""

    def __init__(self, config: HybridConfig, prompts: Prompts) -> None:
        super().__init__()
        self.config = config
        self.prompts = prompts
        # Any: transformers types the parts of a config as dictionaries, too.
        clip: Any = CLIPConfig.from_dict(config.clip)
        kosmos2: Any = Kosmos2Config.from_dict(config.kosmos2)
        self.clip_vision = CLIPVisionModel(clip.vision_config)
        self.clip_text = CLIPTextModel(clip.text_config)
        self.kosmos2 = Kosmos2Model(kosmos2)
        self.attend_by("eager")
        self.image_size: int = clip.vision_config.image_size
        if kosmos2.vision_config.image_size != self.image_size:
            raise InputError(
                f"the hybrid's towers must take pictures of one size: CLIP takes {self.image_size} pixels, "
                f"Kosmos-2 {kosmos2.vision_config.image_size}"
            )
        # A pooled feature says what is there, late in training also where; driving is about where.
        self.clip_places = nn.Linear(clip.vision_config.hidden_size, config.places[0])
        self.kosmos2_places = nn.Linear(kosmos2.vision_config.hidden_size, config.places[1])
        features_in = (
            config.places[0] * _patches(clip.vision_config)
            + config.places[1] * _patches(kosmos2.vision_config)
            + clip.vision_config.hidden_size
            + clip.text_config.hidden_size
            + kosmos2.vision_config.hidden_size
            + kosmos2.text_config.embed_dim
            + _patches(kosmos2.vision_config)
        )
        width, layers = config.recurrent
        self.project = nn.Sequential(
            nn.LayerNorm(features_in), nn.Linear(features_in, config.fused), nn.GELU(), nn.LayerNorm(config.fused)
        )
        self.memory = nn.GRU(config.fused, width, layers, batch_first=True)
        self.action = nn.Sequential(
            nn.Linear(width + config.fused, config.hidden[0]),
            nn.GELU(),
            nn.Linear(config.hidden[0], config.hidden[1]),
            nn.GELU(),
            nn.Linear(config.hidden[1], ACTION_AXES),
        )

    def attend_by(self, kernel: str) -> None:
        """Choose transformers' attention kernel: on CPUs "eager" trains twice as fast, "sdpa" answers faster."""
        for backbone in (self.clip_vision, self.clip_text, self.kosmos2):
            backbone.set_attn_implementation(kernel)

    @property
    def parameter_count(self) -> int:
        return sum(weight.numel() for weight in self.parameters())

    def initial_state(self, slots: int) -> torch.Tensor:
        """The memory of ``slots`` episodes that have seen nothing, (layers, slots, width)."""
        width, layers = self.config.recurrent
        return torch.zeros(layers, slots, width)

    def text(self, clip_ids: torch.Tensor) -> torch.Tensor:
        """CLIP's feature of instructions, (n, hidden): constant in an episode, so worth keeping."""
        return text_feature(self.clip_text, clip_ids)

    def fuse(
        self, planes: torch.Tensor, text: torch.Tensor, kosmos2_ids: torch.Tensor, lengths: torch.Tensor
    ) -> torch.Tensor:
        """All features of n frames side by side, (n, features).

        Args:
            planes: (n, 3, size, size) in [0, 255], already at the towers' image size.
            text: (n, hidden) of ``text``.
            kosmos2_ids, lengths: (n, length) and (n,) of the instructions' prompts.
        """
        planes = normalise(planes)
        clip = vision_tokens(self.clip_vision, planes)
        grounded = features(self.kosmos2, planes, kosmos2_ids, lengths)
        return torch.cat(
            [
                self.clip_places(clip[:, 1:]).flatten(1),
                self.kosmos2_places(grounded.vision[:, 1:]).flatten(1),
                clip[:, 0],
                text,
                grounded.vision[:, 0],
                grounded.text,
                grounded.pointing,
            ],
            dim=-1,
        )

    def head(self, fused: torch.Tensor, state: torch.Tensor) -> Step:
        """Actions for t consecutive frames of b episodes, from their features (b, t, features)."""
        projected = self.project(fused)
        remembered, state = self.memory(projected, state)
        actions = torch.tanh(self.action(torch.cat([remembered, projected], dim=-1)))
        return Step(actions, state)

    def forward(
        self,
        pixels: torch.Tensor,
        clip_ids: torch.Tensor,
        kosmos2_ids: torch.Tensor,
        lengths: torch.Tensor,
        state: torch.Tensor,
    ) -> Step:
        """One frame of each of n episodes: pixels (n, H, H, 3) uint8; the rest as above. Actions are (n, 1, 3)."""
        fused = self.fuse(shrink(pixels, self.image_size), self.text(clip_ids), kosmos2_ids, lengths)
        return self.head(fused[:, None], state)

    def save_pretrained(self, folder: Path | str) -> None:
        """Write config.json, model.safetensors (half precision) and the tokenizer(s)."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: value.detach().to(torch.float16).contiguous() for name, value in self.state_dict().items()}
        save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
        (folder / CONFIG).write_text(json.dumps(asdict(self.config), indent=1, default=str) + "\n")
        self.prompts.kosmos2.save_pretrained(str(folder))
        if self.prompts.clip is not self.prompts.kosmos2:
            self.prompts.clip.save_pretrained(str(folder / CLIP_TOKENIZER))

    @classmethod
    def from_pretrained(cls, folder: Path | str) -> Hybrid:
        """Read what ``save_pretrained`` wrote, as float32 and in evaluation mode.

        Raises:
            InputError: a file is missing, damaged, or of another kind of model.
        """
        folder = Path(folder)
        try:
            values = json.loads((folder / CONFIG).read_text())
            if values.pop("model_type", None) != "hybrid":
                raise InputError(f"{folder / CONFIG} is not a hybrid's: its 'model_type' must be 'hybrid'")
            for name in ("places", "recurrent", "hidden"):
                values[name] = tuple(values[name])
            config = HybridConfig(**values)
            weights = load_file(folder / WEIGHTS)
            kosmos2 = load_tokenizer(folder)
            clip = load_tokenizer(folder / CLIP_TOKENIZER) if (folder / CLIP_TOKENIZER).is_dir() else kosmos2
            model = cls(config, Prompts(clip, kosmos2, config.prompt_length))
            model.load_state_dict({name: value.to(torch.float32) for name, value in weights.items()})
        except InputError:
            raise
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(
                f"checkpoint {folder} can't be read: {reason}; give a folder that training wrote"
            ) from error
        return model.eval()


def _patches(vision: Any) -> int:
    """How many patches a vision tower's config cuts a picture into."""
    return int((vision.image_size // vision.patch_size) ** 2)
