from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dataset.lerobot.layout import (
    ACTION,
    DATA_PATH,
    EPISODES_PATH,
    EXECUTED,
    IMAGE,
    OPTIONAL_SCALARS,
    STATE,
    VIDEO_PATH,
    FileIndex,
    build_feature_schema,
    check_template,
    file_path,
)
from scenarios.common.errors import InputError

ROOT = Path("/sets/mine")


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(0, 60))
def test_files_are_numbered_through_chunk_folders_without_gaps(chunk_files: int, steps: int) -> None:
    place = FileIndex(0, 0)
    for _ in range(steps):
        place = place.next_file(chunk_files)
    assert place == divmod(steps, chunk_files)


@pytest.mark.parametrize("template", [DATA_PATH, VIDEO_PATH, EPISODES_PATH, "file-{file_index}.mp4", "one.parquet"])
def test_plain_templates_pass_and_name_files_inside_the_folder(template: str) -> None:
    assert check_template(template, "data_path", ROOT) == template
    assert file_path(ROOT, template, FileIndex(1, 23)).is_relative_to(ROOT)


def test_a_path_names_the_chunk_and_the_file_with_three_digits() -> None:
    expected = ROOT / "videos" / IMAGE / "chunk-001" / "file-023.mp4"
    assert file_path(ROOT, VIDEO_PATH, FileIndex(1, 23)) == expected


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("/etc/passwd", "leaves the data set's folder"),
        ("../other/file.parquet", "leaves the data set's folder"),
        ("data/../../file.parquet", "leaves the data set's folder"),
        ("data\\file.parquet", "leaves the data set's folder"),
        ("{video_key.__class__}", "fields may only be chunk_index, file_index, video_key"),
        ("{chunk_index!r}{}", "fields may only be"),
        ("{chunk_index:999999999d}", "fields may only be"),
        ("{chunk_index", "is not a path template"),
        (7, "expected a path such as"),
        (None, "expected a path such as"),
    ],
)
def test_a_template_that_could_lead_elsewhere_is_refused(template: object, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as raised:
        check_template(template, "video_path", ROOT)
    assert "'video_path' in /sets/mine/meta/info.json" in str(raised.value)


def test_every_feature_has_as_many_names_as_numbers() -> None:
    features = build_feature_schema(64, 48, 10, OPTIONAL_SCALARS)
    assert features[IMAGE]["shape"] == [64, 48, 3]
    assert features[IMAGE]["info"]["video.fps"] == 10
    for name in (STATE, ACTION, EXECUTED):
        assert features[name]["shape"] == [len(features[name]["names"])]
    assert all(feature["shape"] == [1] for feature in features.values() if feature["names"] is None)


def test_optional_columns_stand_in_the_schema_only_where_a_set_has_them() -> None:
    assert not set(OPTIONAL_SCALARS) & set(build_feature_schema(64, 48, 10))
    assert "clearance_m" in build_feature_schema(64, 48, 10, ["clearance_m"])
