"""Made-up candidates."""

from __future__ import annotations

from dataclasses import replace

from rows import FACTS

from sim.report.advice.candidates import Candidate


def candidate(name, wins, episodes=40, cells=(("corridor", "none"),), latency_s=0.02, size_mb=4.0, **facts):
    """Make a candidate that wins its first episodes of each cell, or those in a set."""
    won = set(range(wins)) if isinstance(wins, int) else set(wins)
    success = {(*cell, number): number in won for cell in cells for number in range(episodes)}
    return Candidate(name, replace(FACTS["good"], **facts), size_mb, latency_s, success)
