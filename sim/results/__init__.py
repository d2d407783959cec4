"""What a run writes, as types: ``read_run(folder)`` gives its rows, its summary and its manifest."""

from sim.results.folder import Run, read_run
from sim.results.manifest import Manifest, PolicyFacts
from sim.results.rates import PairedDifference, SuccessRate
from sim.results.row import EpisodeRow, EpisodeStatus
from sim.results.summary import CellSummary, LanguageScore, Summary

__all__ = [
    "CellSummary",
    "EpisodeRow",
    "EpisodeStatus",
    "LanguageScore",
    "Manifest",
    "PairedDifference",
    "PolicyFacts",
    "Run",
    "SuccessRate",
    "Summary",
    "read_run",
]
