from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.backbones.text.prompt_layout import PromptLayout

BOS, PAD, EOS, IMAGE, END_IMAGE, GROUNDING, OBJECT = range(7)
words = st.lists(st.integers(7, 1000), max_size=40)
lengths = st.integers(5, 30)


def _layout(length: int) -> PromptLayout:
    return PromptLayout(length, (BOS, EOS, PAD), (BOS, IMAGE, END_IMAGE, GROUNDING, OBJECT, PAD))


@settings(deadline=None)
@given(lengths, words)
def test_clips_row_has_the_constant_length_and_as_many_words_as_fit(length: int, ids: list[int]) -> None:
    row = _layout(length).clip_row(ids)
    kept = ids[: length - 2]
    assert row == [BOS, *kept, EOS] + [PAD] * (length - 2 - len(kept))


@settings(deadline=None)
@given(lengths, words)
def test_kosmos2s_row_ends_in_the_object_token_where_its_length_says(length: int, ids: list[int]) -> None:
    row, used = _layout(length).kosmos2_row(ids)
    kept = ids[: length - 5]
    assert len(row) == length
    assert row[:used] == [BOS, IMAGE, END_IMAGE, GROUNDING, *kept, OBJECT]
    assert set(row[used:]) <= {PAD}
