"""Laws of the charts."""

import xml.etree.ElementTree as ET

import pytest

from sim.benchmark.measurements import Measurement
from sim.benchmark.output.charts import CHARTS, draw_bars, draw_lines

SVG = "{http://www.w3.org/2000/svg}"


def read(text):
    return ET.fromstring(text)


def widths(picture, colour):
    return [float(bar.get("width")) for bar in picture.iter(f"{SVG}rect") if bar.get("fill") == colour]


def test_bars_are_as_long_as_their_values_and_limits():
    rows = [Measurement("loop", "a < b", 4.0, "ms/observation", 4.0, 1.0), Measurement("loop", "c", 2.0, "ms")]
    picture = read(draw_bars("title", rows))
    measured, limits = widths(picture, "#2563c9")[1:], widths(picture, "#e08a1e")[1:]  # the first is the legend's
    assert measured[0] == pytest.approx(2 * measured[1])
    assert limits == [pytest.approx(measured[0] / 4, abs=0.1)]
    assert "a < b" in [text.text for text in picture.iter(f"{SVG}text")]


def test_each_name_has_a_line_through_a_point_for_each_size_that_rises_with_its_values():
    rows = [Measurement("growth", name, value, "s", 1.0, at=at) for name in "ab" for at, value in ((1, 1.0), (10, 9.0))]
    picture = read(draw_lines("title", rows))
    lines = [
        [tuple(map(float, point.split(","))) for point in line.get("points").split()]
        for line in picture.iter(f"{SVG}polyline")
    ]
    assert len(lines) == 2
    for (x1, y1), (x2, y2) in lines:
        assert x2 > x1
        assert y2 < y1  # up is up


def test_a_constant_is_a_level_line():
    rows = [Measurement("growth", "a", 5.0, "MiB", 0.0, at=at) for at in (1, 10, 100)]
    (line,) = read(draw_lines("title", rows)).iter(f"{SVG}polyline")
    assert len({point.split(",")[1] for point in line.get("points").split()}) == 1


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_drawn_from_all_measurements(name):
    rows = [
        Measurement("loop", "hybrid: digest", 1.0, "ms/observation", 1.0, 1.0),
        Measurement("growth", "time against boxes", 1.0, "s", 1.0, at=1),
        Measurement("growth", "time against boxes", 1.0, "s", 1.0, at=2),
    ]
    texts = [text.text for text in read(CHARTS[name](rows)).iter(f"{SVG}text")]
    assert any(text.startswith({"loop": "digest", "growth": "time against boxes"}[name]) for text in texts)
