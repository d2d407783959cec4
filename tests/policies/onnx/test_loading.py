from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from policies.onnx.foreign.policy import ForeignOnnxPolicy
from policies.onnx.loading import load_onnx_policy
from policies.onnx.policy import OnnxPolicy
from policies.registry import make_policy
from policies.specs.data_node import make_node
from scenarios.common.errors import InputError

from .foreign.onnx_files import save_camera_policy


def test_a_file_of_others_is_described_by_the_yaml_file_beside_it(tmp_path) -> None:
    save_camera_policy(tmp_path / "mine.onnx", columns=2)
    (tmp_path / "mine.yaml").write_text("rate_hz: 2\naction: {columns: [vx, wz]}\n")
    policy = make_policy(str(tmp_path / "mine.onnx"))
    assert isinstance(policy, ForeignOnnxPolicy)
    assert (policy.spec.period_s, policy.spec.action.columns) == (0.5, ("vx", "wz"))


def test_a_given_description_stands_in_place_of_the_one_beside_it(tmp_path) -> None:
    save_camera_policy(tmp_path / "mine.onnx", columns=2)
    (tmp_path / "mine.yaml").write_text("rate_hz: 2\n")
    given = make_node({"action": {"columns": ["vx", "vy"]}}, "here")
    policy = load_onnx_policy(tmp_path / "mine.onnx", "mine", given, Path())
    assert (policy.spec.period_s, policy.spec.action.columns) == (0.1, ("vx", "vy"))


@pytest.mark.slow
def test_a_file_of_ours_describes_itself(file) -> None:
    assert isinstance(load_onnx_policy(file, "mine", None, Path()), OnnxPolicy)
    with pytest.raises(InputError, match="describes itself: omit --policy-args"):
        load_onnx_policy(file, "mine", make_node({}, "here"), Path())


def _elsewhere(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def _custom_operator(model: onnx.ModelProto) -> None:
    model.graph.node[-1].domain = "com.example"


def _function(model: onnx.ModelProto) -> None:
    model.functions.add(name="mine", domain="")


def _unknown_operator(model: onnx.ModelProto) -> None:
    model.graph.node[-1].op_type = "Sideways"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_elsewhere, "is in another file"),
        (_custom_operator, "domain 'com.example'"),
        (_function, "functions"),
        (_unknown_operator, "Sideways"),
    ],
)
def test_files_of_others_pass_the_same_security_checks_as_ours(spoil, reason, tmp_path) -> None:
    path = save_camera_policy(tmp_path / "mine.onnx")
    model = onnx.load_model_from_string(path.read_bytes())
    spoil(model)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=f"is not an ONNX policy: .*{reason}"):
        make_policy(str(path))


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("policies.onnx.validation.LARGEST_BYTES", 10)
    with pytest.raises(InputError, match="at most 10 are allowed"):
        make_policy(str(save_camera_policy(tmp_path / "mine.onnx")))


def test_equal_files_have_equal_hashes_and_others_have_not(tmp_path) -> None:
    one, two, other = (
        make_policy(str(save_camera_policy(tmp_path / f"{name}.onnx", layout=layout)))
        for name, layout in (("one", "chw"), ("two", "chw"), ("other", "hwc"))
    )
    assert one.weights_sha256 == two.weights_sha256 != other.weights_sha256
    assert np.isfinite(one.spec.parameters)
