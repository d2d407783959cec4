"""Laws of formats of actions: each by hand."""

from __future__ import annotations

import numpy as np
import pytest

from policies.formats.action_format import KEY_GRID, VELOCITY, ActionFormat, to_commands
from policies.formats.normalisation import Normalisation
from scenarios.common.errors import InputError


def convert(form: ActionFormat, *rows, period_s: float = 0.1) -> list[list[float]]:
    """The commands of a chunk of one slot."""
    found = to_commands(form, np.array([rows], np.float32), period_s)
    assert found.dtype == np.float32
    assert found.shape == (1, len(rows), 3)
    return np.round(found[0].astype(np.float64), 5).tolist()


@pytest.mark.parametrize(
    ("form", "row", "command"),
    [
        (VELOCITY, (0.5, -1.0, 2.0), [0.5, -1.0, 2.0]),
        (ActionFormat(unit="si"), (1.15, -0.575, 2.3), [1.0, -0.5, 2.0]),
        (ActionFormat(columns=("vx", "wz")), (0.5, 0.25), [0.5, 0.0, 0.25]),  # unicycle
        (ActionFormat(columns=("wz", "vx"), unit="si"), (1.15, 2.3), [2.0, 0.0, 1.0]),
        (ActionFormat(columns=("vx", "vy")), (0.5, 0.25), [0.5, 0.25, 0.0]),  # planar
        (ActionFormat(signs=(1, -1, -1)), (0.5, 0.25, 0.125), [0.5, -0.25, -0.125]),  # y to the right, clockwise
        (ActionFormat("displacement"), (0.115, -0.0575, 0.0), [1.0, -0.5, 0.0]),
        (ActionFormat("displacement", columns=("dx", "dyaw")), (0.0, 0.115), [0.0, 0.0, 1.0]),
        (ActionFormat("waypoints", columns=("x", "y", "yaw")), (0.0, 0.115, 0.0), [0.0, 1.0, 0.0]),
        (ActionFormat("waypoints", columns=("x", "y")), (0.115, 0.0), [1.0, 0.0, 0.0]),
        (ActionFormat("keys"), (0.9, -0.51, 0.2), [1.0, -1.0, 0.0]),
        (ActionFormat("keys", columns=("vx", "vy")), (0.0, 1.0), [0.0, 1.0, 0.0]),
        (ActionFormat("keys", columns=("key",)), (0,), [1.0, 1.0, 0.0]),
        (ActionFormat("keys", columns=("key",)), (4,), [0.0, 0.0, 0.0]),
        (
            ActionFormat(columns=("vx", "wz"), normalisation=Normalisation("mean-std", (0.5, 0.0), (0.25, 2.0))),
            (2.0, -1.0),
            [1.0, 0.0, -2.0],
        ),
        (
            ActionFormat(columns=("vx",), normalisation=Normalisation("quantiles", (0.0,), (0.8,)), signs=(-1,)),
            (0.5,),
            [-0.6, 0.0, 0.0],
        ),
    ],
)
def test_commands_by_hand(form, row, command):
    assert convert(form, row) == [command]


def test_way_points_of_a_chunk_are_in_the_frame_of_the_inference():
    form = ActionFormat("waypoints", columns=("x", "y", "yaw"))
    quarter = np.pi / 2
    rows = (0.115, 0.0, 0.0), (0.23, 0.0, 0.0), (0.23, 0.0, quarter), (0.23, 0.115, quarter)
    assert convert(form, *rows) == [[1, 0, 0], [1, 0, 0], [0, 0, round(quarter / 0.115, 5)], [1, 0, 0]]


def test_a_longer_period_means_a_slower_command():
    assert convert(ActionFormat("displacement"), (0.115, 0.0, 0.0), period_s=0.2) == [[0.5, 0.0, 0.0]]


def test_the_published_grid_has_nine_combinations_and_other_numbers_are_no_action():
    form = ActionFormat("keys", columns=("key",))
    found = to_commands(form, np.arange(9, dtype=np.float32)[:, None], 0.3)
    assert found[:, 0, :2].tolist() == KEY_GRID.tolist()
    for wrong in (-1, 9, 1e9, np.nan, np.inf):
        assert np.isnan(to_commands(form, np.array([[wrong]], np.float32), 0.3)).all()


def test_values_that_are_not_finite_stay_so():
    for form in (VELOCITY, ActionFormat("displacement"), ActionFormat("waypoints"), ActionFormat(unit="si")):
        assert not np.isfinite(to_commands(form, np.full((1, 3), np.nan, np.float32), 0.1)).all()


@pytest.mark.parametrize("shape", [(2, 3), (2, 4, 3), (2,), (2, 0, 2), (2, 1, 1, 2)])
def test_another_shape_is_refused_with_the_columns(shape):
    with pytest.raises(ValueError, match="don't have the columns vx, wz"):
        to_commands(ActionFormat(columns=("vx", "wz")), np.zeros(shape, np.float32), 0.1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "torque"}, "unknown kind of action 'torque'"),
        ({"unit": "mm"}, "unknown unit of actions 'mm'"),
        ({"columns": ("vx", "vz")}, "unknown column of actions of kind 'velocity' 'vz'"),
        ({"columns": ("vx", "vx")}, "each once"),
        ({"kind": "waypoints", "columns": ("x", "yaw")}, "need the columns x and y"),
        ({"signs": (1, 1)}, "1 or -1 for each"),
        ({"signs": (1, 2, 1)}, "1 or -1 for each"),
        ({"normalisation": Normalisation("mean-std", (0.0,), (1.0,))}, "has 1 columns, the actions have 3"),
    ],
)
def test_parts_that_do_not_fit_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        ActionFormat(**arguments)
