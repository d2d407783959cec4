"""The hierarchical planner: a goal is split into subgoals, and each subgoal into a few actions."""

from __future__ import annotations

import torch
from torch import nn

from policies.modules.layers.attention import CrossAttention, FeedForward


class HierarchicalPlanner(nn.Module):
    """Planner: goal -> subgoals -> actions_each x axes per subgoal, by default 6 x 3 = 18 actions.

    In a transformer layer the subgoals of a sample attend to each other. Every level has an executor, and an action is
    the sum of three outputs: the goal's (for all actions), its subgoal's (for the subgoal's actions) and its own.
    """

    def __init__(
        self, features: int, *, width: int, subgoals: int = 6, actions_each: int = 3, axes: int, heads: int = 8
    ) -> None:
        super().__init__()
        self.goal = nn.Sequential(nn.Linear(features, width), nn.GELU())
        self.split = nn.Linear(width, subgoals * width)
        self.attention, self.feed_forward = CrossAttention(width, heads), FeedForward(width)
        self.goal_executor = nn.Linear(width, axes)
        self.subgoal_executor = nn.Linear(width, axes)
        self.action_executor = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, actions_each * axes))
        self.subgoals, self.actions_each, self.axes = subgoals, actions_each, axes

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Plan actions (n, subgoals * actions_each, axes) in [-1, 1] from goal features (n, features)."""
        goal = self.goal(features)
        tokens = self.split(goal).unflatten(1, (self.subgoals, -1))  # (n, subgoals, width)
        tokens = self.feed_forward(self.attention(tokens, tokens))
        own = self.action_executor(tokens).unflatten(2, (self.actions_each, self.axes))
        whole = self.goal_executor(goal)[:, None, None] + self.subgoal_executor(tokens)[:, :, None] + own
        return torch.tanh(whole).flatten(1, 2)
