"""Laws of the printed judgement."""

from __future__ import annotations

import pytest
from rich.console import Console

from sim.agreement.collection.gather import PopulationCosts
from sim.agreement.presentation.output import print_conclusion
from sim.offline.metrics.evidence import Cost

from ..conclusion.made_up import partial, whole


@pytest.mark.parametrize("width", [80, 200])
def test_the_verdict_comes_first_and_every_metric_has_a_line(width):
    console = Console(record=True, width=width)
    print_conclusion(whole(), PopulationCosts({"mae": Cost(seconds=3.0)}), console)
    text = console.export_text()
    assert text.startswith("1. Over all policies the MAE ranks success: Spearman 0.")
    assert all(f"\n{metric} " in text for metric in ("mae", "rmse", "combination"))
    assert "noise ceiling within families" in text


def test_a_partial_population_is_printed_too():
    console = Console(record=True, width=100)
    print_conclusion(partial(), PopulationCosts(), console)
    assert "cannot tell" in console.export_text()
