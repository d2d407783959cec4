"""Laws of the JSON of an agreement."""

from __future__ import annotations

import json

from rows import make_ranked

from sim.results.codec import from_json, to_json
from sim.results.summary.agreement import Agreement

AGREEMENT = make_ranked({"a": 18, "b": 12, "c": 6, "zero": 0}, {"a": 0.05, "b": 0.03, "c": 0.08}, episodes=30).agreement


def test_an_agreement_survives_the_way_through_json():
    assert from_json(Agreement, json.loads(json.dumps(to_json(AGREEMENT), allow_nan=False)), "here") == AGREEMENT


def test_the_keys_are_those_of_schema_1():
    written = to_json(AGREEMENT)
    assert list(written) == [
        *("question", "rows", "policies", "reason", "spearman", "kendall", "pairs", "distinct", "scenarios"),
    ]
    assert list(written["rows"][0]) == [
        *("policy", "kind", "ranks", "success", "scenarios", "mae", "floors", "beats", "left_out"),
    ]
    assert list(written["rows"][0]["mae"]) == ["mean", "low", "high", "of"]
    assert list(written["spearman"]) == ["value", "p_value", "low", "high", "episodes_low", "episodes_high"]
    assert list(written["pairs"]) == [
        *("pairs", "apart", "same", "opposite", "tied", "share", "low", "high", "corrected"),
    ]
    assert list(written["distinct"]) == ["networks", "policies", "related", "spearman", "kendall"]
    assert written["rows"][-1]["kind"] == "reference"


def test_an_agreement_without_a_correlation_can_be_read():
    alone = make_ranked({"a": 3}, {}).agreement
    assert from_json(Agreement, to_json(alone), "here") == alone
    assert alone.ranking.spearman is alone.ranking.pairs is None
