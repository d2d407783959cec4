"""Laws of the results page."""

from __future__ import annotations

from sim.agreement.collection.gather import PopulationCosts
from sim.agreement.presentation.page import write_page
from sim.claims.claim_answer import answer_all_claims

from ..conclusion.made_up import partial, whole

SECTIONS = (
    *("Verdict", "Contest of the offline metrics", "Correlation against cost", "Noise ceiling", "Published claims"),
    *("Leaderboard: success in percent", "Leaderboard under disturbances", "What it cost", "Made by"),
    "What would change the conclusion",
    "What compact models in our scenes can and can't tell about full-size ones",
)


def test_the_page_has_all_that_was_promised(tmp_path):
    for found in (whole(), partial()):
        text = write_page(found, PopulationCosts(), answer_all_claims({}), "cost.svg")
        assert text.startswith("# Results\n")
        assert [title for title in SECTIONS if f"\n## {title}\n" not in text] == []
        assert "](cost.svg)" in text
        assert "nan" not in text.lower().split()


def test_the_page_is_the_same_again(tmp_path):
    pages = [write_page(whole(), PopulationCosts(), answer_all_claims({}), "a.svg") for _ in range(2)]
    assert pages[0] == pages[1]
