from __future__ import annotations

import numpy as np
import pytest

from policies.derived.degraded import DegradedPolicy, halve_resolution, save_degraded
from policies.names.folders import load_folder
from policies.policy import ShareablePolicy
from policies.registry import make_policy
from scenarios.common.errors import InputError


def test_half_the_resolution_leaves_one_colour_for_each_cell() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3)).astype(np.uint8)
    halved = halve_resolution(pixels)
    assert halved.shape == pixels.shape
    assert halved.dtype == np.uint8
    for row, column in ((0, 0), (55, 3), (17, 40)):
        part = np.s_[:, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
        assert (halved[part] == halved[part][:, :1, :1]).all()
        assert np.allclose(halved[part][:, 0, 0], pixels[part].mean(axis=(1, 2)), atol=0.5)


def test_frames_that_have_no_equal_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="100 x 112"):
        halve_resolution(np.zeros((1, 100, 112, 3), np.uint8))


class TestFolder:
    """Copies of a tiny system, in folders beside it."""

    @pytest.fixture
    def parent(self, systems):
        return load_folder(systems / "enhanced-norm", "parent")

    def copy(self, systems, change: str) -> DegradedPolicy:
        folder = systems / f"copy-{change}"
        save_degraded(folder, "enhanced-norm", change)
        return make_policy(str(folder))

    def drive(self, policy, frames, words: str) -> np.ndarray:
        policy.reset(range(4), [words] * 4)
        return policy.act(frames(1, 4))

    def test_it_answers_as_its_parent_does_to_what_it_sees(self, systems, parent, frames) -> None:
        copy = self.copy(systems, "half-resolution")
        sharp = self.drive(parent, frames, "go to the red ball")
        blurred = self.drive(copy, frames, "go to the red ball")
        assert not np.array_equal(sharp, blurred)
        parent.reset(range(4), ["go to the red ball"] * 4)
        batch = frames(1, 4)
        object.__setattr__(batch, "pixels", halve_resolution(batch.pixels))
        assert np.array_equal(parent.act(batch), blurred)

    def test_without_an_instruction_all_words_are_alike(self, systems, parent, frames) -> None:
        copy = self.copy(systems, "no-instruction")
        answers = [self.drive(copy, frames, words) for words in ("go to the red ball", "track the blue cup")]
        assert np.array_equal(*answers)
        assert np.array_equal(self.drive(parent, frames, ""), answers[0])

    def test_it_has_its_own_name_and_another_hash_than_its_parent(self, systems, parent) -> None:
        copies = [self.copy(systems, change) for change in ("half-resolution", "no-instruction")]
        assert [copy.spec.name for copy in copies] == ["copy-half-resolution", "copy-no-instruction"]
        assert len({parent.weights_sha256, *(copy.weights_sha256 for copy in copies)}) == 3

    def test_it_is_shared_as_its_parent_is(self, systems, frames) -> None:
        copy = self.copy(systems, "half-resolution")
        assert isinstance(copy, ShareablePolicy)
        twin = copy.share()
        assert np.array_equal(self.drive(twin, frames, "go"), self.drive(copy, frames, "go"))

    def test_an_unknown_change_is_bad_input(self, systems) -> None:
        with pytest.raises(InputError, match="did you mean 'half-resolution'"):
            self.copy(systems, "half-resolutions")
