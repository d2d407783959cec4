"""Laws of the parts of SVG pictures."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from sim.drawing.svg import draw_text, make_log_axis, wrap_document


def test_a_document_is_valid_whatever_its_texts_say():
    root = ET.fromstring(wrap_document(100, 50, [draw_text(1, 2, "a < b & c")]))
    assert root.attrib["viewBox"] == "0 0 100 50"
    assert [each.text for each in root if each.tag.endswith("text")] == ["a < b & c"]


def test_equal_ratios_are_equal_distances_on_a_logarithmic_axis():
    place = make_log_axis(1.0, 100.0, 10.0, 210.0)
    assert [place(value) for value in (1.0, 10.0, 100.0)] == pytest.approx([10.0, 110.0, 210.0])
    assert make_log_axis(2.0, 2.0, 0.0, 1.0)(2.0) == 0.0
