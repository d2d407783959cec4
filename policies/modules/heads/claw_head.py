"""The claw head: a claw matrix over a window of frames, then a planner or an MLP."""

from __future__ import annotations

import torch
from torch import nn

from policies.modules.heads.claw_matrix import ClawMatrix
from policies.modules.heads.head import ActionMLP, Head, HeadOutput
from policies.modules.layers.distance_embedding import DistanceEmbedding
from policies.modules.layers.hierarchical_planner import HierarchicalPlanner
from policies.modules.layers.sliding_window import build_windows, history_shape
from scenarios.common.errors import InputError

SUBGOALS = 6


class ClawHead(Head):
    """Head: tokens of the last ``window`` frames -> claw matrix -> hierarchical planner or MLP -> chunk x axes.

    A frame's features are its flattened vision tokens, followed by its language tokens:
    ``vision_tokens * vision + language_tokens * language`` channels.
    """

    def __init__(
        self,
        vision: int,
        language: int,
        *,
        vision_tokens: int = 1,
        language_tokens: int = 1,
        width: int,
        heads: int = 8,
        window: int,
        hidden: tuple[int, ...] = (),
        axes: int,
        chunk: int,
        planner: bool,
        distances: int = 0,
    ) -> None:
        """Build a claw head with fresh weights.

        Args:
            vision, language: Channels per token.
            vision_tokens, language_tokens: Tokens per frame.
            width, heads: Width and attention heads of the claw matrix and of the planner.
            window: Number of frames.
            hidden: Widths inside the MLP; ignored with a planner.
            axes: Axes of an action, 2 or 3.
            chunk: Number of predicted actions.
            planner: Plan 6 subgoals of chunk / 6 actions each, instead of the MLP.
            distances: Levels of the distance embedding that is added to the action queries; 0 for none.

        Raises:
            InputError: A planner's chunk is not a multiple of 6, or ``width`` is not a multiple of ``heads``.
        """
        features = vision_tokens * vision + language_tokens * language
        super().__init__(features, axes=axes, chunk=chunk, state=history_shape(window, features))
        if planner and chunk % SUBGOALS:
            raise InputError(
                f"a planner can't plan {chunk} actions: its chunk must be a multiple of its {SUBGOALS} subgoals"
            )
        self.vision, self.language = (vision_tokens, vision), (language_tokens, language)
        self.vision_norm, self.language_norm = nn.LayerNorm(vision), nn.LayerNorm(language)
        self.vision_time = nn.Parameter(
            torch.randn(window, 1, vision) * 0.1
        )  # embedding of the frame's position in the window
        self.language_time = nn.Parameter(torch.randn(window, 1, language) * 0.1)
        self.queries = nn.Parameter(torch.randn(chunk, width) * width**-0.5)  # one per action
        self.distance = DistanceEmbedding(vision, width=width, distances=distances) if distances else None
        self.claw = ClawMatrix(vision=vision, language=language, action=width, width=width, heads=heads)
        self.plan: nn.Module = (
            HierarchicalPlanner(
                3 * width, width=width, subgoals=SUBGOALS, actions_each=chunk // SUBGOALS, axes=axes, heads=heads
            )
            if planner
            else ActionMLP(3 * width, hidden=hidden, axes=axes, chunk=chunk)
        )

    def forward(self, features: torch.Tensor, state: torch.Tensor) -> HeadOutput:
        vision, language = features.split([tokens * width for tokens, width in (self.vision, self.language)], dim=-1)
        vision = self.vision_norm(vision.unflatten(-1, self.vision)).flatten(2)
        language = self.language_norm(language.unflatten(-1, self.language)).flatten(2)
        frames, seen, state = build_windows(torch.cat([vision, language], dim=-1), state)
        vision, language = frames.split([vision.shape[2], language.shape[2]], dim=-1)
        vision = vision.unflatten(-1, self.vision) + self.vision_time  # (b * t, window, tokens, vision)
        language = language.unflatten(-1, self.language) + self.language_time
        action = self.queries.expand(len(frames), -1, -1)
        if self.distance is not None:
            action = action + self.distance(vision[:, -1].mean(1))[:, None]
        read = self.claw(
            vision.flatten(1, 2),
            language.flatten(1, 2),
            action,
            seen.repeat_interleave(self.vision[0], dim=1),
            seen.repeat_interleave(self.language[0], dim=1),
        )
        return HeadOutput(self.plan(read).unflatten(0, features.shape[:2]), state)
