"""Laws of the report page."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from rows import MANIFEST, PERTURBED, PLAN, make_offline, make_perturbed_rows, make_rows

from sim.report import ENDINGS, cell_views, scatter_view, write_report
from sim.summary import summarise

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Balanced(HTMLParser):
    """Checks that what is opened is closed."""

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


FACTS = MANIFEST["policies"]


def page(tmp_path, offline=None, rows=None, plan=PLAN):
    offline = [make_offline("good", 0.0312), make_offline("bad", 0.2)] if offline is None else offline
    rows = make_rows() if rows is None else rows
    manifest = {**MANIFEST, "plan": plan.as_json()}
    write_report(tmp_path / "report.html", manifest, summarise(plan, rows, offline, FACTS), rows)
    return (tmp_path / "report.html").read_text()


def test_the_page_is_whole_and_shows_every_cell_and_episode(tmp_path):
    text = page(tmp_path)
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert {"svg", "table", "script"} <= parser.tags
    assert text.count("<tr data-ending") == 24
    assert "0.0312" in text
    assert "11 of 12" in text


def test_nothing_comes_from_the_network(tmp_path):
    text = page(tmp_path)
    assert not re.search(r"""(src|href)\s*=\s*["'](https?:)?//""", text)
    assert "@import" not in text
    assert "url(" not in text


def test_what_a_policy_says_is_text_not_markup(tmp_path):
    text = page(tmp_path)
    assert "<b>bold</b>" not in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text


def test_a_video_is_linked_relatively_and_a_missing_file_is_no_error(tmp_path):
    rows = make_rows()
    rows[0]["video"] = "videos/good one-0000.mp4"
    assert 'src="videos/good%20one-0000.mp4"' in page(tmp_path, rows=rows)


def test_a_run_without_any_row_or_offline_error_still_gives_a_page(tmp_path):
    text = page(tmp_path, offline=[], rows=[])
    assert "This run is not complete" in text


def test_every_share_lies_within_its_plot():
    summary = summarise(PLAN, make_rows(), [make_offline("good", 0.0312), make_offline("bad", 0.5)], FACTS)
    for view in cell_views(summary):
        assert abs(sum(view["shares"].values()) - 1.0) < 1e-9
        for share in (view["mae_share"], view["mae_low"], view["mae_high"], *(at for _, at in view["floors"].values())):
            assert 0.0 <= share <= 1.0
    for point in scatter_view(summary)["points"]:
        assert 0.0 <= point["x_low"] <= point["x"] <= point["x_high"] <= 1.0


def test_one_point_is_no_scatter():
    assert scatter_view(summarise(PLAN, make_rows(), [make_offline("good", 0.03)], FACTS)) is None


def test_a_perturbed_run_shows_differences_and_whether_the_words_are_followed(tmp_path):
    text = page(tmp_path, rows=make_perturbed_rows(), plan=PERTURBED)
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert "What perturbations change" in text
    assert "-25 (-55 to +12)" in text
    assert "Does it go where it is told?" in text
    assert "<b>+0.96</b> (+0.88 to +1.00)" in text
    assert text.count('<section class="result">') == 2  # offline errors stand beside unperturbed success alone
    assert "blue box" in text


def test_a_run_without_perturbations_says_nothing_of_them(tmp_path):
    text = page(tmp_path)
    assert "What perturbations change" not in text
    assert "Does it go where it is told?" not in text
    assert "perturbation" not in text


def test_every_kind_of_ending_has_a_colour_and_a_filter(tmp_path):
    rows = make_rows()
    rows[12]["failure"] = "oscillating"
    text = page(tmp_path, rows=rows)
    for kind in ENDINGS:
        assert text.count(f"--{kind}: #") == 2  # by day and by night
    assert re.findall(r'<button data-ending="([^"]+)"', text) == [
        kind for kind in ENDINGS if kind in {"success", "collision", "timeout", "stuck", "oscillating", "policy-fault"}
    ]


def test_a_thinking_time_and_what_was_left_out_are_told(tmp_path):
    plan = replace(PERTURBED, latency="measured", left_out=(("doorway", "instruction=3"),))
    manifest = {**MANIFEST, "plan": plan.as_json()}
    manifest["policies"] = {**FACTS, "good": {**FACTS["good"], "latency_s": 0.0851}}
    rows = make_perturbed_rows()
    write_report(tmp_path / "report.html", manifest, summarise(plan, rows, [], manifest["policies"]), rows)
    text = (tmp_path / "report.html").read_text()
    assert "thinks for 85.1 ms (measured here) while the world goes on" in text
    assert "doorway lacks what instruction=3 would change" in text
