from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from policies.onnx.foreign.describe import describe_model
from policies.specs.data_node import make_node
from scenarios.common.errors import InputError

from .onnx_files import BYTE, save_camera_policy, save_counter


def describe(path: Path, values: dict[str, object] | None = None):
    model = onnx.load_model_from_string(path.read_bytes())
    return describe_model(model, path, "mine", None if values is None else make_node(values, "here"), path.parent)


@pytest.mark.parametrize(
    ("layout", "kind", "pixel_type"), [("chw", 1, "unit"), ("hwc", 1, "unit"), ("chw", BYTE, "uint8")]
)
def test_layout_size_and_type_of_pixels_are_those_of_the_input(layout, kind, pixel_type, tmp_path) -> None:
    spec = describe(save_camera_policy(tmp_path / "m.onnx", layout=layout, kind=kind)).spec
    assert (spec.image_size, spec.observation.layout, spec.observation.pixel_type) == ((4, 6), layout, pixel_type)
    assert (spec.period_s, spec.chunk, spec.replan, spec.parameters) == (0.1, 1, 1, 9)


def test_a_recurrent_model_remembers_all(tmp_path) -> None:
    found = describe(save_counter(tmp_path / "m.onnx"), {"observation": {"state": ["vx", "vy", "wz"]}})
    assert found.bindings.recurrent == (("h_in", "h_out"),)
    assert found.spec.history == 0
    assert found.spec.image_size is None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"image_size": [8, 8]}, "says images of 8x8, chw, and its camera float32 \\(n, 3, 4, 6\\) doesn't fit"),
        ({"observation": {"layout": "hwc"}}, "says images of 4x6, hwc, and its camera"),
        ({"observation": {"frames": 2}}, "has no axis for the 2 frames"),
        ({"action": {"columns": ["vx", "wz"]}}, "says actions vx, wz, and its command float32 \\(n, 3\\) doesn't fit"),
        ({"chunk": 4}, "contains no chunk, and its description says 4"),
        ({"onnx": {"image": "kamera"}}, "here: unknown input of the model 'kamera': did you mean 'camera'"),
        ({"image_size": None}, "is an image, and its description has no 'image_size'"),
    ],
)
def test_a_description_that_contradicts_the_model_is_one_sentence(values, sentence, tmp_path) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        describe(save_camera_policy(tmp_path / "m.onnx"), values)
    assert "\n" not in str(caught.value)


def test_a_given_image_size_stands_for_sizes_that_may_vary(tmp_path) -> None:
    path = save_camera_policy(tmp_path / "m.onnx")
    model = onnx.load_model_from_string(path.read_bytes())
    for axis in (2, 3):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = f"d{axis}"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=r"the size of the image .* can't be told"):
        describe(path)
    assert describe(path, {"image_size": [40, 60]}).spec.image_size == (40, 60)
