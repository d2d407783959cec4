"""Laws of the printed advice."""

from __future__ import annotations

import io

from advised import candidate
from rich.console import Console

from sim.report.advice.needs import NEEDS
from sim.report.advice.output import epoch_lines, format_latency, format_rivals, format_size, member_lines, print_advice
from sim.report.advice.recommendation import Limits, recommend_policy

BOTH = (("corridor", "none"), ("corridor", "lighting=2"))


def printed(policies, width=140):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    print_advice([recommend_policy(need, policies, Limits()) for need in NEEDS], policies, ["a note"], console)
    return console.file.getvalue()


def test_every_need_has_a_line_with_its_policy_or_the_reason_why_there_is_none():
    text = printed([candidate("mine", 30, cells=BOTH), candidate("other", 29, cells=BOTH)])
    line = next(line for line in text.splitlines() if line.startswith("best accuracy"))
    assert "mine" in line
    assert "30/40" in line
    assert "other -2 " in line
    assert all(need.name in text for need in NEEDS)
    assert "no policy that drove all its" in text
    assert "a note\n" in text
    assert "Never recommended: policies that see the true world, references that lack a sense (zero, blind, " in text


def test_where_no_policy_ever_succeeded_the_row_says_so():
    lines = printed([candidate("mine", 0, cells=BOTH), candidate("other", 0, cells=BOTH)], width=200).splitlines()
    line = next(line for line in lines if line.startswith("best accuracy"))
    assert " ".join(line.split()[2:]) == "- none - - - - 0 no policy that drove all its"
    assert not any(" mine " in line or " other " in line for line in lines)


def test_a_policy_that_alone_keeps_the_limits_is_said_to_be_the_only_one():
    found = recommend_policy(NEEDS[0], [candidate("mine", 30)], Limits())
    assert format_rivals(found) == "it is the only one"
    far = recommend_policy(NEEDS[0], [candidate("mine", 40), candidate("far", 2)], Limits())
    assert format_rivals(far) == "none"


def test_a_size_that_is_not_known_is_a_dash():
    assert [format_size(candidate("a", 1, size_mb=size)) for size in (None, 2.04)] == ["-", "2.0 MB"]


def test_a_long_list_of_rivals_is_cut():
    found = recommend_policy(NEEDS[0], [candidate(f"p{number}", 30) for number in range(8)], Limits())
    assert format_rivals(found).splitlines()[-1] == "and 3 more"


def test_a_mixture_is_compared_with_its_best_member_under_perturbations():
    mixture = candidate("mix", 20, cells=BOTH, members=("a", "b", "absent"))
    lines = member_lines([mixture, candidate("a", 10, cells=BOTH), candidate("b", 16, cells=BOTH)])
    assert len(lines) == 1
    assert lines[0].startswith("mix less its best member here, b, under perturbations: +10 (")
    assert not member_lines([mixture])


def test_more_epochs_are_compared_with_fewer_where_the_run_has_both():
    lines = epoch_lines([candidate("simple-lstm", 24), candidate("simple-lstm-3", 20)])
    assert len(lines) == 1
    assert lines[0].startswith("simple-lstm: 15 epochs less 3: +10 (")
    assert not epoch_lines([candidate("simple-lstm", 24)])


def test_latencies_are_in_milliseconds():
    assert format_latency(candidate("a", 1, latency_s=0.0123)) == "12.3 ms"
    assert format_latency(None) == "-"
