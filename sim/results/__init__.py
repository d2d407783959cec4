"""Results of a run as types: ``read_run(folder)`` returns its rows, its summary and its manifest."""

from sim.results.agreement import Agreement, PolicyResult
from sim.results.folder import Run, read_run
from sim.results.manifest import Manifest, PolicyFacts
from sim.results.offline_score import OfflineScore
from sim.results.rates import PairedDifference, SuccessRate
from sim.results.row import EpisodeRow, EpisodeStatus
from sim.results.summary import CellSummary, LanguageScore, Summary

__all__ = [
    "Agreement",
    "CellSummary",
    "EpisodeRow",
    "EpisodeStatus",
    "LanguageScore",
    "Manifest",
    "OfflineScore",
    "PairedDifference",
    "PolicyFacts",
    "PolicyResult",
    "Run",
    "SuccessRate",
    "Summary",
    "read_run",
]
