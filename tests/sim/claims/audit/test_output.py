"""Laws of the printed audit."""

from __future__ import annotations

import io

from rich.console import Console

from sim.claims.audit.error_table import ReportedError, published_errors
from sim.claims.audit.frame_labels import published_labels
from sim.claims.audit.output import print_audit


def printed(errors, width=140):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    print_audit(errors, published_labels(), "the published labels", console)
    return console.file.getvalue()


def test_every_error_has_a_line_with_its_verdict():
    text = printed(published_errors())
    lines = text.splitlines()
    assert any("enhanced-2d" in line and "0.4374" in line and "beats no constant" in line for line in lines)
    assert "0 of 29 errors beat every constant whatever they mean, 10 beat none in any reading; of 19" in text


def test_readings_in_which_an_open_error_beats_every_constant_are_named():
    text = printed([ReportedError("a", "mae", "0.2640", ("mae",), {"unit": "raw"})])
    assert "a mae 0.2640 beats every constant if it is 2-D raw, 3-D raw on all frames" in text


def test_what_constants_score_is_printed():
    text = printed([ReportedError("a", "mae", "0.1", ("mae",), {})])
    median = next(line for line in text.splitlines() if line.startswith("MAE") and "median" in line)
    assert median.split()[2:5] == ["0.4002", "0.2668", "0.2001"]
    assert "HUBER" not in text


def test_frames_without_labels_are_said():
    text = printed([ReportedError("a", "mae", "0.1", ("mae",), {"frames": "middle"})])
    assert "a: labels of its frames, 'middle', aren't known: give --dataset" in text


def test_the_table_fits_a_page():
    assert max(map(len, printed(published_errors()).splitlines()[:20])) <= 140
