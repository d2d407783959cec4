"""Laws of the report page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from rows import MANIFEST, PLAN, make_offline, make_rows

from sim.report import cell_views, scatter_view, write_report
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


def page(tmp_path, offline=None, rows=None):
    offline = [make_offline("good", 0.0312), make_offline("bad", 0.2)] if offline is None else offline
    rows = make_rows() if rows is None else rows
    write_report(tmp_path / "report.html", MANIFEST, summarise(PLAN, rows, offline), rows)
    return (tmp_path / "report.html").read_text()


def test_the_page_is_whole_and_shows_every_cell_and_episode(tmp_path):
    text = page(tmp_path)
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert {"svg", "table", "script"} <= parser.tags
    assert text.count("<tr data-status") == 24
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
    summary = summarise(PLAN, make_rows(), [make_offline("good", 0.0312), make_offline("bad", 0.5)])
    for view in cell_views(summary):
        assert abs(sum(view["shares"].values()) - 1.0) < 1e-9
        for share in (view["mae_share"], view["mae_low"], view["mae_high"], *(at for _, at in view["floors"].values())):
            assert 0.0 <= share <= 1.0
    for point in scatter_view(summary)["points"]:
        assert 0.0 <= point["x_low"] <= point["x"] <= point["x_high"] <= 1.0


def test_one_point_is_no_scatter():
    assert scatter_view(summarise(PLAN, make_rows(), [make_offline("good", 0.03)])) is None
