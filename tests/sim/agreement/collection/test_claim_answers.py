"""Laws of the stored answers to claims."""

from __future__ import annotations

import numpy as np

from sim.agreement.collection.claim_answers import read_claim_answers, write_claim_answers
from sim.claims.claim_answer import CANNOT_TELL, answer_claim
from sim.claims.published_claims import CLAIMS, UNIT_SEEDS
from sim.claims.unit_results import UnitResults


def test_answers_come_back_as_they_were_stored(tmp_path):
    names = [name for seed in UNIT_SEEDS for name in CLAIMS["resampler"].pairs[0].names(seed)]
    results = {
        name: UnitResults(
            {("corridor", "none"): {number: (number + place) % 3 > 0 for number in range(9)}},
            {"corridor": np.array([0.1, 0.2, 0.3]) * (1 + place)},
            {"corridor": np.full(3, 10.0)},
        )
        for place, name in enumerate(names)
    }
    write_claim_answers(tmp_path, results)
    found = read_claim_answers(tmp_path)
    assert found == {name: answer_claim(claim, results) for name, claim in CLAIMS.items()}
    assert found["resampler"][0].mae.seeds == len(UNIT_SEEDS)


def test_without_stored_answers_no_claim_can_be_told(tmp_path):
    found = read_claim_answers(tmp_path)
    assert set(found) == set(CLAIMS)
    assert {answer.mae_verdict for given in found.values() for answer in given} == {CANNOT_TELL}
