from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from policies.reference.panorama import CELLS, UNSEEN
from policies.train.collection import ViewCollection
from policies.train.reference.views import ViewSet
from scenarios.common.errors import InputError
from sim.record.collection import collect_demonstrations

SPEC = ViewCollection("lookalikes", 2210, 12, 3)


def test_views_are_the_same_whatever_the_number_of_workers(tmp_path: Path) -> None:
    """What the camera sees agrees with the labels: targets are where their colour is."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, workers in zip(folders, (1, 2), strict=True):
        collect_demonstrations(SPEC, folder, workers)
    one, two = (ViewSet.open([folder]).select(np.arange(36)) for folder in folders)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert (one.pictures[:, :, 0, 0] == UNSEEN).all()
    assert one.kinds.shape == (36, CELLS, CELLS)
    shown = one.kinds > 0
    assert shown.any(axis=(1, 2)).mean() > 0.3
    coloured = one.pictures.reshape(36, 3, CELLS, 4, CELLS, 4).mean(axis=(3, 5))
    spread = coloured.max(axis=1) - coloured.min(axis=1)
    assert spread[shown].mean() > 2.0 * spread[~shown].mean()  # targets are colourful, halls are not


def test_what_keeps_views_from_being_recorded_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"recording views of 'lookalikes-2210-views-12x3' into .* failed: "):
        collect_demonstrations(SPEC, tmp_path / "file" / "views", 1)
