from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from policies.dataset.hdf5.checks import check_arrays, check_length
from policies.dataset.hdf5.episodes import describe_contents, list_episodes
from policies.dataset.mapping.resolve import resolve_mapping
from scenarios.common.errors import InputError

from ..foreign import write_published

HERE = Path("a.h5")


@pytest.mark.parametrize(
    ("attributes", "period_s"),
    [
        ({}, 0.3),
        ({"num_frames": 18, "total_duration": 5.4}, 0.3),
        ({"total_duration": 5.1}, 0.3),  # from the first record to the last
        ({"total_duration": np.array([5.8])}, 0.3),
        ({"total_duration": 99.0}, None),  # a mapping gives the rate
    ],
)
def test_what_agrees_passes(attributes: dict, period_s: float | None) -> None:
    check_length(attributes, 18, period_s, HERE)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"num_frames": 17}, "a.h5 has 18 frames; its attribute 'num_frames' states 17"),
        ({"total_duration": 12.6}, r"18 records of 0.3 s each; .* states 12.6 s: .* \('rate: 1.429'\)"),
        ({"total_duration": 0.0}, "states 0 s: say which is right in a mapping file$"),
        ({"total_duration": "long"}, "'total_duration' of a.h5 is 'long'; expected a number"),
    ],
)
def test_what_contradicts_the_frames_is_refused(attributes: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_length(attributes, 18, 0.3, HERE)


def test_every_episode_has_the_shapes_of_the_first(tmp_path: Path) -> None:
    root = write_published(tmp_path / "set")
    contents = describe_contents(root, list_episodes(sorted(root.iterdir())))
    mapping = resolve_mapping(contents, None)
    with h5py.File(next(root.iterdir()), "r+") as file:
        assert check_arrays(file, HERE, mapping, contents) == 18
        del file["actions"]
        file["actions"] = np.zeros((18, 4))
        with pytest.raises(InputError, match=r"'actions' in a.h5 has shape \(18, 4\); expected \(18, 3\)"):
            check_arrays(file, HERE, mapping, contents)
