from __future__ import annotations

import pytest

from policies.derived.siblings import load_sibling, read_config, write_config
from scenarios.common.errors import InputError


def test_a_config_is_read_as_it_was_written(tmp_path) -> None:
    write_config(tmp_path / "new", "ensemble", {"members": ["a"]})
    assert read_config(tmp_path / "new") == {"model_type": "ensemble", "members": ["a"]}


@pytest.mark.parametrize("name", ["../other", "/etc", "a/b", "..", "", 3, None])
def test_what_a_folder_refers_to_lies_beside_it(name, tmp_path) -> None:
    with pytest.raises(InputError, match="give the name of a checkpoint folder beside it"):
        load_sibling(tmp_path / "mine", name)


def test_a_folder_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(InputError, match="absent"):
        load_sibling(tmp_path / "mine", "absent")


def test_folders_that_refer_to_one_another_are_refused(tmp_path) -> None:
    write_config(tmp_path / "one", "degraded", {"of": "two", "change": "half-resolution"})
    write_config(tmp_path / "two", "degraded", {"of": "one", "change": "half-resolution"})
    with pytest.raises(InputError, match="without an end"):
        load_sibling(tmp_path / "mine", "one")
