"""Laws of the figure."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from sim.agreement.conclusion.contest import HEADLINES
from sim.agreement.presentation.figure import draw_correlation_against_cost
from sim.drawing.svg import INK

from ..conclusion.made_up import partial, whole

SECONDS = {"mae": 1.0, "rmse": 20.0}


def parse(text):
    root = ET.fromstring(text)
    circles = [each.attrib for each in root if each.tag.endswith("circle")]
    return circles, [each.text for each in root if each.tag.endswith("text")]


def test_each_metric_with_a_cost_is_a_point_in_both_panels():
    circles, _ = parse(draw_correlation_against_cost(whole(), SECONDS, 100.0))
    assert len(circles) == 2 * len(SECONDS)


def test_cheaper_is_further_left_and_better_further_up():
    found = whole()
    circles, _ = parse(draw_correlation_against_cost(found, SECONDS, None))
    rmse, mae = circles[:2]
    assert float(mae["cx"]) < float(rmse["cx"])
    rho = {row.metric: row.rho(HEADLINES[0]) for row in found.contest}
    assert rho["mae"] != rho["rmse"]
    assert (float(mae["cy"]) < float(rmse["cy"])) == (rho["mae"] > rho["rmse"])


def test_no_other_point_hides_that_of_the_mae():
    circles, _ = parse(draw_correlation_against_cost(whole(), SECONDS, None))
    assert [each["stroke"] == INK for each in circles] == [False, True, False, True]


def test_a_metric_of_fewer_units_is_hollow_with_their_number():
    found = whole()
    (rmse,) = (row for row in found.contest if row.metric == "rmse")
    judged = {part: replace(each, units=each.units - 1) for part, each in rmse.judgements.items()}
    contest = tuple(row._replace(judgements=judged) if row is rmse else row for row in found.contest)
    circles, texts = parse(draw_correlation_against_cost(replace(found, contest=contest), SECONDS, None))
    assert sorted(each["fill"] == "white" for each in circles) == [False, False, True, True]
    units = rmse.judgements[HEADLINES[0]].units - 1
    assert any(text.startswith("rmse") and text.endswith(f"{units} units") for text in texts)


def test_driving_is_a_line_where_its_cost_is_known():
    assert "driving" in parse(draw_correlation_against_cost(whole(), SECONDS, 100.0))[1]
    assert "driving" not in parse(draw_correlation_against_cost(whole(), SECONDS, None))[1]


def test_without_costs_it_says_that_there_is_nothing_yet():
    circles, texts = parse(draw_correlation_against_cost(partial(), {}, None))
    assert not circles
    assert "no metric has a ranking here yet" in texts
