from __future__ import annotations

import pybullet as p
import pytest

from envs.camera.bodies.visual_shape import number_shapes


def test_shapes_are_numbered_within_their_link() -> None:
    entry = (p.GEOM_BOX, (1, 1, 1), b"", (0, 0, 0), (0, 0, 0, 1), (1, 1, 1, 1), -1)
    shapes = number_shapes([(3, link, *entry) for link in (-1, -1, 0, 2, 0)])
    assert [(shape.link, shape.number) for shape in shapes] == [(-1, 0), (-1, 1), (0, 0), (2, 0), (0, 1)]


@pytest.mark.parametrize(
    ("kind", "position", "alpha", "is_limb", "is_visible"),
    [
        (p.GEOM_CAPSULE, (0, 0, 0), 1.0, True, True),
        (p.GEOM_CYLINDER, (0, 0, 0), 0.0, True, False),
        (p.GEOM_CYLINDER, (0, 0, 0.1), 1e-60, False, False),
        (p.GEOM_SPHERE, (0, 0, 0), 1e-3, False, True),
    ],
)
def test_a_limb_is_round_and_at_the_origin_and_a_shape_without_alpha_is_not_seen(
    kind: int, position: tuple[float, ...], alpha: float, is_limb: bool, is_visible: bool
) -> None:
    entry = (kind, (1, 1, 1), b"x.obj", position, (0, 0, 0, 1), (1, 1, 1, alpha), 4)
    (shape,) = number_shapes([(0, -1, *entry)])
    assert (shape.is_limb, shape.is_visible) == (is_limb, is_visible)
    assert (shape.file, shape.has_texture) == ("x.obj", True)
