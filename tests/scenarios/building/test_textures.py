"""Textures are pictures, each of its own, the same at every call."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.building.textures import FLOOR_LOOKS, WALL_LOOKS, generate_texture
from scenarios.common.errors import InputError


@pytest.mark.parametrize("name", [*FLOOR_LOOKS, *WALL_LOOKS, "box/crate"])
def test_a_look_is_the_same_picture_every_time(name: str) -> None:
    picture = generate_texture(name)
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.std() > 2.0
    assert np.array_equal(picture, generate_texture(name))


def test_no_two_looks_are_equal() -> None:
    assert len({generate_texture(name).tobytes() for name in (*FLOOR_LOOKS, *WALL_LOOKS)}) == len(FLOOR_LOOKS) + len(
        WALL_LOOKS
    )


def test_an_unknown_look_is_named_with_its_neighbour() -> None:
    with pytest.raises(InputError, match="did you mean 'floor/planks'"):
        generate_texture("floor/plank")
