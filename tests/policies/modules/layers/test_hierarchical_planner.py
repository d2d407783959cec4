from __future__ import annotations

import torch
from torch import nn

from policies.modules.layers.hierarchical_planner import HierarchicalPlanner


def _planner() -> HierarchicalPlanner:
    return HierarchicalPlanner(10, width=8, axes=3, heads=2)


def test_six_subgoals_of_three_actions_are_eighteen() -> None:
    actions = _planner()(torch.randn(4, 10))
    assert actions.shape == (4, 18, 3)
    assert actions.abs().max() <= 1.0


def _moved(planner: HierarchicalPlanner, subgoal: int) -> torch.Tensor:
    """Which of the 6 subgoals' actions change when one subgoal's token does, before the attention."""
    goal = torch.randn(1, 10)
    before = planner(goal).view(6, 3, 3)
    with torch.no_grad():
        planner.split.bias.view(6, 8)[subgoal] += torch.randn(8)
    return ((planner(goal).view(6, 3, 3) - before).abs() > 1e-7).flatten(1).any(1)


def test_every_subgoal_heeds_every_other() -> None:
    for subgoal in range(6):
        assert _moved(_planner(), subgoal).all()


def test_the_attention_alone_connects_subgoals() -> None:
    planner = _planner()
    nn.init.zeros_(planner.attention.out.weight)
    assert _moved(planner, 2).tolist() == [False, False, True, False, False, False]


def test_each_level_moves_the_actions_that_it_is_for() -> None:
    planner = _planner()
    for executor in (planner.goal_executor, planner.subgoal_executor, planner.action_executor[-1]):
        nn.init.zeros_(executor.weight)
        nn.init.zeros_(executor.bias)
    assert not planner(torch.randn(2, 10)).any()
    nn.init.ones_(planner.goal_executor.weight)
    actions = planner(torch.randn(1, 10))[0]
    assert actions.any()
    assert torch.allclose(actions, actions[0].expand(18, 3))  # one goal, one value
    nn.init.normal_(planner.subgoal_executor.weight)
    plans = planner(torch.randn(1, 10)).view(6, 3, 3)
    assert torch.allclose(plans, plans[:, :1].expand(6, 3, 3))  # equal within a subgoal
    assert not torch.allclose(plans[0], plans[1])
    nn.init.normal_(planner.action_executor[-1].weight)
    plans = planner(torch.randn(1, 10)).view(6, 3, 3)
    assert not torch.allclose(plans[:, 0], plans[:, 1])
