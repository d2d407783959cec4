"""Rate, frame size and replan horizon of policies, which move success rates without a change of weights."""

from __future__ import annotations

from collections.abc import Sequence

from sim.results.summary import Summary


def format_control(
    period_s: float, image_size: Sequence[int] | None, chunk: int | None = None, replan: int | None = None
) -> str:
    """Format how a policy is asked, e.g. "10 Hz, frames of 224x224, replan horizon 8 of 16 actions"."""
    frames = "no frames" if image_size is None else f"frames of {'x'.join(map(str, image_size))}"
    known = f"{1.0 / period_s:.3g} Hz, {frames}"
    if chunk is None:  # a run of an older version
        return known
    return f"{known}, replan horizon {replan} of {chunk} action{'s' * (chunk > 1)}"


def control_lines(summary: Summary) -> list[str]:
    """List how the policies are asked, those that are asked alike together."""
    alike: dict[str, dict[str, None]] = {}  # text -> names in order
    for cell in summary.cells:
        if cell.period_s is not None:
            text = format_control(cell.period_s, cell.image_size, cell.chunk, cell.replan)
            alike.setdefault(text, {})[cell.policy] = None
    return [f"control of {', '.join(names)}: {text}" for text, names in alike.items()]
