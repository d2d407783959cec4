"""The answers to the published claims, stored beside the tables: they need the units' runs, which aren't kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.claims.claim_answer import PairAnswer, answer_claim
from sim.claims.published_claims import CLAIMS
from sim.claims.unit_results import UnitResults
from sim.results.codec import from_json, to_json
from sim.results.folder import read_json, write_json

ANSWERS = "claims.json"
Answers = Mapping[str, tuple[PairAnswer, ...]]
"""By the claim's name."""


def write_claim_answers(folder: Path, results: Mapping[str, UnitResults]) -> None:
    """Answer every claim by the results of units, and store the answers."""
    answers = {name: answer_claim(claim, results) for name, claim in CLAIMS.items()}
    write_json(folder / ANSWERS, {name: to_json(list(given)) for name, given in answers.items()})


def read_claim_answers(folder: Path) -> Answers:
    """Read the answers to all claims; none where they weren't stored: then nothing can be told of any."""
    file = folder / ANSWERS
    if not file.is_file():
        return {name: answer_claim(claim, {}) for name, claim in CLAIMS.items()}
    return from_json(dict[str, tuple[PairAnswer, ...]], read_json(file), f"'{file}'")
