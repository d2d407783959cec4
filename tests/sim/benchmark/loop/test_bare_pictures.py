"""Laws of the bare targets: what is drawn is read back."""

import numpy as np

from sim.benchmark.loop.bare_pictures import BarePictures


def test_an_empty_target_has_one_colour_and_a_triangle_covers_it_with_a_texture():
    with BarePictures(2, (8, 16)) as bare:
        empty = bare.take_empty().copy()
        assert empty.shape == (2, 8, 16, 4)
        assert len(np.unique(empty.reshape(-1, 4), axis=0)) == 1
        drawn = bare.take_triangle()
        assert len(np.unique(drawn.reshape(-1, 4), axis=0)) > 100
        assert not (drawn == empty).all(axis=3).any()
        assert (bare.take_empty() == empty).all()
