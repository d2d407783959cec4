"""Laws of the textures axis: colours keep their names, and what matched still matches."""

from __future__ import annotations

from drawn import drawn

from scenarios.perturbations.axes.textures import NEUTRAL_LOOKS


def test_targets_keep_their_colours_and_boxes_their_colour_names() -> None:
    for episode in range(4):
        base, world = drawn("corridor", episode), drawn("corridor", episode, "textures=3")
        for before, now in zip(base.items, world.items, strict=True):
            if before.role in ("target", "obstacle"):
                assert now.rgba == before.rgba
            if before.role == "target":
                assert now == before
            elif before.role == "obstacle":
                assert now.texture in NEUTRAL_LOOKS
            elif before.role in ("floor", "wall"):
                assert now.texture != before.texture


def test_walls_that_matched_still_match() -> None:
    world = drawn("corridor", 0, "textures=3")
    assert len({(item.rgba, item.texture) for item in world.items if item.role == "wall"}) == 1
