from __future__ import annotations

import pytest

from policies.dataset.mapping.contents import VectorFeature

from .contents_of import describe


@pytest.mark.parametrize(("label", "index"), [("a", 0), ("2", 1), ("0", 0), ("3", None), ("-1", None), ("c", None)])
def test_a_column_is_found_by_its_name_or_else_its_number(label: str, index: int | None) -> None:
    assert VectorFeature("action", 2, ("a", "2")).index_of(label) == index


def test_columns_without_names_are_numbered() -> None:
    assert VectorFeature("action", 3).labels == ("0", "1", "2")
    assert VectorFeature("action", 2, ("a", "b")).labels == ("a", "b")


def test_depth_is_no_camera_with_colours() -> None:
    contents = describe(cameras=("front", "depth"))
    assert [camera.name for camera in contents.colour_cameras] == ["front"]
    assert contents.vector("action") is contents.vectors[0]
    assert contents.vector("nothing") is None
