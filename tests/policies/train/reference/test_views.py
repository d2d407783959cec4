from __future__ import annotations

import numpy as np
import pytest

from policies.train.reference.views import LABELS, ViewSet
from scenarios.common.errors import InputError

from .conftest import write_views


def test_views_of_several_folders_are_one_set_in_order(make_views) -> None:
    both = make_views(3, 2)
    assert len(both) == 5
    chosen = both.select(np.array([4, 0, 3]))
    assert chosen.pictures.shape[0] == chosen.ranges.shape[0] == 3
    assert np.array_equal(chosen.pictures[1], both.pictures[0][0])
    assert np.array_equal(chosen.pictures[0], both.pictures[1][1])
    assert np.array_equal(chosen.pictures[2], both.pictures[1][0])
    assert np.array_equal(chosen.kinds[1], both.labels["kinds"][0])


def test_views_of_another_version_are_refused(tmp_path) -> None:
    folder = write_views(tmp_path / "views", 2)
    labels = dict(np.load(folder / LABELS))
    for changed in ({**labels, "format": np.array("older")}, {k: v for k, v in labels.items() if k != "format"}):
        np.savez(folder / LABELS, **changed)
        with pytest.raises(InputError, match="another version: delete the folder"):
            ViewSet.open([folder])
