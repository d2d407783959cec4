"""Results of a run as types: ``read_run(folder)`` returns its rows, its summary and its manifest."""

from sim.results.manifest import Manifest, PolicyFacts
from sim.results.row import EpisodeRow, EpisodeStatus
from sim.results.run_files import Run, read_run
from sim.results.summary.agreement import Agreement, PolicyResult
from sim.results.summary.offline_score import OfflineScore
from sim.results.summary.rates import PairedDifference, SuccessByPhrase, SuccessRate, UnpairedDifference
from sim.results.summary.summary import CellSummary, LanguageByPhrase, LanguageScore, PhraseScore, Summary

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
