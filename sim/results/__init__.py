"""Results of a run as types: ``read_run(folder)`` returns its rows, its summary and its manifest."""

from sim.results.agreement import Agreement, PolicyResult
from sim.results.folder import Run, read_run
from sim.results.manifest import Manifest, PolicyFacts
from sim.results.offline_score import OfflineScore
from sim.results.rates import PairedDifference, SuccessByPhrase, SuccessRate, UnpairedDifference
from sim.results.row import EpisodeRow, EpisodeStatus
from sim.results.summary import CellSummary, LanguageByPhrase, LanguageScore, PhraseScore, Summary

__all__ = [
    "Agreement",
    "CellSummary",
    "EpisodeRow",
    "EpisodeStatus",
    "LanguageByPhrase",
    "LanguageScore",
    "Manifest",
    "OfflineScore",
    "PairedDifference",
    "PhraseScore",
    "PolicyFacts",
    "PolicyResult",
    "Run",
    "SuccessByPhrase",
    "SuccessRate",
    "Summary",
    "UnpairedDifference",
    "read_run",
]
