"""Laws of the report page."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
from markupsafe import escape
from rows import FACTS, MANIFEST, PERTURBED, PLAN, make_kind, make_offline, make_perturbed_rows, make_row, make_rows

from sim.analysis.summary import summarise_run
from sim.metrics.registry import episode_metrics, report_metrics
from sim.population.population import EpisodeValues, Population, Unit
from sim.population.tables import write_population
from sim.report.floors import FloorRow
from sim.report.html import (
    ENDINGS,
    choose_rate_colour,
    count_endings,
    find_widest_error,
    join_or_count,
    view_offline,
    write_report,
)
from sim.results.plan import SuiteFacts
from sim.results.summary.offline_score import ErrorShare
from sim.results.summary.rates import ReferenceRate, SuccessRate

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Balanced(HTMLParser):
    """Check that every opened tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def page(tmp_path, offline=None, rows=None, plan=PLAN):
    offline = [make_offline("good", 0.0312), make_offline("bad", 0.2)] if offline is None else offline
    rows = make_rows() if rows is None else rows
    manifest = replace(MANIFEST, plan=plan.record())
    write_report(tmp_path / "report.html", manifest, summarise_run(plan, rows, offline, FACTS), rows)
    return (tmp_path / "report.html").read_text()


def test_a_population_beside_the_run_fills_the_contest(tmp_path):
    """The one metric ranks six families of three units each as success does."""
    units = []
    for number in range(18):
        won = (np.arange(40) < 2 * number + 3).astype(float)
        units.append(
            Unit(
                *(f"unit-{number}", f"family-{number % 6}", f"recipe-{number}", 0, None),
                {("corridor", "none"): EpisodeValues(np.arange(40), won)},
                {("mae", "corridor"): EpisodeValues(np.arange(20), np.full(20, 1.0 - won.mean()))},
            )
        )
    write_population(tmp_path, Population(tuple(units), {"mae": "smaller"}))
    text = page(tmp_path)
    assert "Does MAE rank related policies?" in text
    row = re.search(r"<tr><td><b>mae</b></td>.*", text[text.index('id="contest"') :])[0]
    assert re.findall(r"\"num\">([^<]*)<", row)[:4] == ["18", "1.00", "1.00", "-"]  # no checkpoints
    assert re.search(r">100 \(\d\d to 100\)</td><td class=\"num\">0 \(-\d+ to \d+\)</td>", row)


def test_the_page_is_well_formed_and_shows_every_cell_and_episode(tmp_path):
    text = page(tmp_path)
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert {"svg", "table", "script"} <= parser.tags
    assert text.count("<tr data-ending") == 24
    assert "0.0312" in text
    assert "11 of 12" in text


def test_the_page_names_the_suite_of_a_run_that_has_one(tmp_path):
    assert "<dt>suite</dt>" not in page(tmp_path)
    manifest = replace(MANIFEST, suite=SuiteFacts("a1b2", "c3d4", "smoke", ("seed",)))
    write_report(tmp_path / "named.html", manifest, summarise_run(PLAN, make_rows(), [], FACTS), make_rows())
    text = (tmp_path / "named.html").read_text()
    assert "<dt>suite</dt><dd>smoke, with other seed, a1b2 (conditions c3d4)</dd>" in text


def test_the_page_loads_nothing_from_the_network(tmp_path):
    text = page(tmp_path)
    assert not re.search(r"""(src|href)\s*=\s*["'](https?:)?//""", text)
    assert "@import" not in text
    assert "url(" not in text


def test_errors_by_kind_of_frame_have_a_table_for_each_data_set_that_tells_kinds(tmp_path):
    kinds = [(make_kind("burst", 0.0623), make_kind("near", 0.1307, 12)), (make_kind("burst", None),)]
    good = replace(make_offline("good", 0.0312), frame_kinds=kinds[0], worst_tenth=ErrorShare(0.43, None, None))
    bad = replace(make_offline("bad", None), frame_kinds=kinds[1])
    text = page(tmp_path, offline=[bad, good])
    assert text.count('<table class="kinds"') == 1
    table = text[text.index('<table class="kinds"') :]
    assert "burst<br><small>120 (10 %)" in table
    assert "<b>0.062</b><br>" in table
    assert "0.052 to 0.072" in table
    assert "<b>43 %</b>" in table
    assert table.index("<b>good</b>") < table.index("<b>bad</b>") < table.index("ValueError: no")
    assert 'class="kinds"' not in page(tmp_path)


def test_the_message_of_a_policy_error_is_escaped(tmp_path):
    text = page(tmp_path)
    assert "<b>bold</b>" not in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text


def test_a_video_is_linked_relatively_and_a_missing_file_is_no_error(tmp_path):
    rows = make_rows()
    rows[0] = replace(rows[0], video="videos/good one-0000.mp4")
    assert 'src="videos/good%20one-0000.mp4"' in page(tmp_path, rows=rows)


def test_a_run_without_any_row_or_offline_error_still_gives_a_page(tmp_path):
    text = page(tmp_path, offline=[], rows=[])
    assert "This run is incomplete" in text


def test_every_bar_lies_within_its_plot():
    summary = summarise_run(PLAN, make_rows(), [make_offline("good", 0.0312), make_offline("bad", 0.5)], FACTS)
    for cell in summary.cells:
        assert sum(count for _, count in count_endings(cell)) == cell.episodes
        view = view_offline(summary, cell)
        for error in (view.mae, view.low, view.high, *(mae for _, mae in view.baselines)):
            assert 0.0 <= error <= find_widest_error(summary)


def test_baselines_are_sorted_by_their_error():
    summary = summarise_run(PLAN, make_rows(), [make_offline("good", 0.0312)], FACTS)
    good, bad = summary.cells
    assert [name for name, _ in view_offline(summary, good).baselines] == ["hold", "median", "mean", "zero"]
    assert view_offline(summary, bad) is None


def test_every_heading_of_a_metric_explains_itself(tmp_path):
    text = page(tmp_path)
    for metric in report_metrics():
        assert f'title="{escape(metric.description)}">{metric.heading}</th>' in text
    for metric in episode_metrics():
        unit = f" ({metric.unit})" if metric.unit and metric.episode_template else ""
        assert f'title="{escape(metric.description)}">{metric.heading}{unit}</th>' in text


def test_a_single_policy_is_neither_ranked_nor_plotted(tmp_path):
    rows = [row for row in make_rows() if row.policy == "bad"]
    text = page(tmp_path, offline=[make_offline("bad", 0.03)], rows=rows, plan=replace(PLAN, policies=("bad",)))
    assert 'id="ranking"' not in text
    assert 'id="scatter"' not in text


def test_several_policies_are_ranked_and_plotted_with_their_baselines(tmp_path):
    text = page(tmp_path)
    ranking = text[text.index('id="ranking"') : text.index("How episodes ended")]
    assert ranking.index("<b>good</b>") < ranking.index("<b>bad</b>")
    assert "<b>92 %</b>" in ranking
    assert "baseline: median" in ranking
    assert "No rank correlation: only two policies" in text
    drawn = text[text.index('id="scatter"') : text.index('id="ranking"')]
    assert drawn.count("<circle") == 2
    assert ">good</text>" in drawn


def test_a_policy_without_an_offline_error_is_in_the_table_but_not_in_the_plot(tmp_path):
    text = page(tmp_path, offline=[make_offline("good", 0.03), make_offline("bad", None)])
    assert 'id="scatter"' not in text
    assert "Without a rank: bad (no offline MAE)" in text


def test_many_names_are_counted():
    assert join_or_count(["a", "b"], "policies") == "a, b"
    assert join_or_count("abcde", "policies") == "5 policies"


def test_many_cells_are_folded_away(tmp_path):
    policies = tuple(f"p{number}" for number in range(17))
    plan = replace(PLAN, policies=policies, episodes=1)
    rows = [make_row(policy, 0, "success") for policy in policies]
    facts = dict.fromkeys(policies, FACTS["good"])
    manifest = replace(MANIFEST, plan=plan.record(), policies=facts)
    write_report(tmp_path / "report.html", manifest, summarise_run(plan, rows, [], facts), rows)
    text = (tmp_path / "report.html").read_text()
    folds = [fold.partition("</details>") for fold in text.split("<details>")[1:]]
    for shown in ('<section class="result">', ">path ratio</th>"):
        assert sum(shown in fold for fold, _, _ in folds) == 1
        assert not any(shown in after for _, _, after in folds)
    assert "<details>" not in page(tmp_path)


def test_a_perturbed_run_shows_differences_and_language_scores(tmp_path):
    text = page(tmp_path, rows=make_perturbed_rows(), plan=PERTURBED)
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert "Effect of perturbations" in text
    assert "-25 (-57 to +14)" in text
    assert "Does the policy follow the instruction?" in text
    assert "<b>+0.96</b> (+0.53 to +1.00)" in text
    assert text.count('<section class="result">') == 2  # offline errors are shown for unperturbed cells only
    assert "blue box" in text


def test_a_run_without_perturbations_has_no_section_about_them(tmp_path):
    text = page(tmp_path)
    assert "Effect of perturbations" not in text
    assert "Does the policy follow the instruction?" not in text
    assert "perturbation" not in text


def test_every_kind_of_ending_has_a_colour_and_a_filter(tmp_path):
    rows = make_rows()
    rows[12] = replace(rows[12], failure="oscillating")
    text = page(tmp_path, rows=rows)
    for kind in ENDINGS:
        assert text.count(f"--{kind}: #") == 2  # in the light and the dark theme
    assert re.findall(r'<button data-ending="([^"]+)"', text) == [
        kind for kind in ENDINGS if kind in {"success", "collision", "timeout", "stuck", "oscillating", "policy-fault"}
    ]


def test_a_simulated_latency_and_left_out_pairs_are_reported(tmp_path):
    plan = replace(PERTURBED, latency="measured", left_out=(("doorway", "instruction=3"),))
    policies = {**FACTS, "good": replace(FACTS["good"], latency_s=0.0851)}
    manifest = replace(MANIFEST, plan=plan.record(), policies=policies)
    rows = make_perturbed_rows()
    write_report(tmp_path / "report.html", manifest, summarise_run(plan, rows, [], policies), rows)
    text = (tmp_path / "report.html").read_text()
    assert "simulated inference latency 85.1 ms (measured on this machine)" in text
    assert "doorway was not run with instruction=3" in text


def test_seen_and_unseen_phrases_are_side_by_side_where_they_are_known(tmp_path):
    rows = [replace(row, phrase="unseen" if row.episode % 2 else "seen") for row in make_perturbed_rows()]
    text = page(tmp_path, rows=rows, plan=PERTURBED)
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert "seen phrases <b>5/6</b>" in text
    assert "unseen <b>6/6</b>" in text
    assert "unseen less seen <b>+17 (-25 to +56)</b>" in text
    assert ">5/6 · 6/6</td>" in text
    assert text.count(", 6 scenes<br>unseen <b>") == text.count(", 6 scenes</td>") == 2
    assert "unseen" not in page(tmp_path, rows=make_perturbed_rows(), plan=PERTURBED)


def test_a_rate_is_green_only_above_all_references_and_red_without_any_success():
    cell = summarise_run(PLAN, make_rows(), [], FACTS).cells[0]

    def colour(k, low, floor):
        reference = ReferenceRate("blind", ("images",), SuccessRate(1, 2, floor, 0.0, 1.0), driven=False)
        floors = [] if floor is None else [FloorRow("images", None, {cell.scenario: reference})]
        return choose_rate_colour(replace(cell, success=SuccessRate(k, 12, k / 12, low, 1.0)), floors)

    assert (colour(0, 0.0, None), colour(0, 0.0, 0.3)) == ("collision", "collision")
    assert (colour(6, 0.2, 0.3), colour(6, 0.31, 0.3), colour(6, 0.2, None)) == ("ink", "success", "success")


def test_a_page_with_videos_says_that_they_are_files_of_their_own(tmp_path):
    rows = make_rows()
    assert "sent alone" not in page(tmp_path, rows=rows)
    assert "sent alone" in page(tmp_path, rows=[replace(rows[0], video="videos/a.mp4"), *rows[1:]])


def test_the_instruction_of_an_episode_is_shown_over_its_number(tmp_path):
    rows = make_rows()
    rows[0] = replace(rows[0], instruction='go to the "red" ball')
    assert 'title="go to the &#34;red&#34; ball">0</td>' in page(tmp_path, rows=rows)
