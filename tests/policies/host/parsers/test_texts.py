"""Texts come back equal, whatever bytes a path consists of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policies.host.parsers.texts import decode_text, encode_text


@given(st.text(st.characters(exclude_categories=())))
def test_a_text_comes_back_equal(text: str) -> None:
    assert decode_text(encode_text(text)) == text
