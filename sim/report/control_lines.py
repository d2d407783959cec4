"""Rate, frame size and replan horizon of policies, which move success rates without a change of weights."""

from __future__ import annotations

from sim.console.formatting import format_control, group_alike
from sim.results.summary.summary import Summary


def control_lines(summary: Summary) -> list[str]:
    """List how the policies are asked, those that are asked alike together."""
    texts = (
        (cell.policy, format_control(cell.period_s, cell.image_size, cell.chunk, cell.replan))
        for cell in summary.cells
        if cell.period_s is not None
    )
    return [f"control of {', '.join(names)}: {text}" for text, names in group_alike(texts).items()]
