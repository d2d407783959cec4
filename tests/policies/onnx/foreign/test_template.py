from __future__ import annotations

import pytest

from policies.registry import make_policy
from scenarios.common.errors import InputError

from .onnx_files import save_camera_policy, save_counter


@pytest.mark.parametrize(
    "save", [lambda path: save_camera_policy(path, columns=2), lambda path: save_counter(path, 3, "memo", "memo_out_")]
)
def test_a_file_that_is_unclear_is_refused_in_one_sentence_with_a_description_to_correct(save, tmp_path) -> None:
    path = save(tmp_path / "mine.onnx")
    with pytest.raises(InputError) as caught:
        make_policy(str(path))
    sentence, _, template = str(caught.value).partition("\n\n")
    assert sentence.startswith(f"'{path}': ")
    assert sentence.endswith("can't be told: describe the file")
    assert f"# Save this as {tmp_path / 'mine.yaml'}" in template


def test_the_description_to_correct_is_one_that_works(tmp_path) -> None:
    path = save_camera_policy(tmp_path / "mine.onnx", columns=2)
    with pytest.raises(InputError) as caught:
        make_policy(str(path))
    (tmp_path / "mine.yaml").write_text(str(caught.value).partition("\n\n")[2])
    spec = make_policy(str(path)).spec
    assert (spec.image_size, spec.action.columns, spec.observation.layout) == ((4, 6), ("vx", "wz"), "chw")
