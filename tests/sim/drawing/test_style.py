"""Laws of fonts and panels."""

from hypothesis import given
from hypothesis import strategies as st

from sim.drawing.style import MIN_FONT_SIZE, Rect, fit_font, load_font


def test_long_words_are_written_smaller():
    assert fit_font("short", 100.0, 20).size == 20
    assert MIN_FONT_SIZE <= fit_font("not so short any more", 100.0, 20).size < 20
    assert fit_font("much too long " * 20, 100.0, 20).size == MIN_FONT_SIZE


@given(st.text("abc xyz", min_size=1, max_size=60), st.floats(1.0, 500.0), st.integers(MIN_FONT_SIZE, 30))
def test_the_font_is_the_largest_in_which_a_text_fits(text, width, largest):
    size = fit_font(text, width, largest).size
    assert MIN_FONT_SIZE <= size <= largest
    assert size == MIN_FONT_SIZE or load_font(size).getlength(text) <= width
    assert size == largest or load_font(size + 1).getlength(text) > width


def test_a_panel_knows_its_corners_and_its_shape():
    panel = Rect(10, 20, 300, 150)
    assert (panel.size, panel.corners, panel.aspect) == ((300, 150), (10, 20, 310, 170), 2.0)
