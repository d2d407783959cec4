from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from policies.inference.runtime import PROVIDERS, count_threads
from policies.onnx.session import check_provider, create_session, describe_session
from policies.policy import InferenceRuntime
from policies.registry import make_policy
from scenarios.common.errors import InputError

pytestmark = pytest.mark.slow  # needs an exported file


def _model(operator: str = "Relu") -> onnx.ModelProto:
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node(operator, ["x"], ["y"])],
        "one",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [3])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [3])],
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)


def test_a_session_runs_the_model_on_as_many_threads_as_torch() -> None:
    session = create_session(_model(), "cpu")
    assert session.run(None, {"x": np.array([-1.0, 0.0, 2.0], np.float32)})[0].tolist() == [0.0, 0.0, 2.0]
    assert session.get_session_options().intra_op_num_threads == count_threads()
    assert describe_session(session) == f"onnxruntime {ort.__version__} CPUExecutionProvider"


def test_a_model_that_cannot_run_is_an_error_of_one_line() -> None:
    with pytest.raises(ValueError, match="ONNX Runtime can't run it: ") as raised:
        create_session(_model("Sideways"), "cpu")
    assert "\n" not in str(raised.value)


def test_providers_are_known_by_their_short_names(monkeypatch) -> None:
    monkeypatch.setattr(ort, "get_available_providers", lambda: list(PROVIDERS.values()))
    assert {name: check_provider(name) for name in PROVIDERS} == PROVIDERS


def test_a_provider_that_is_not_there_is_bad_input_that_names_what_is(file) -> None:
    with pytest.raises(InputError, match=r"--provider openvino is not available: .* has cpu"):
        make_policy(str(file), InferenceRuntime(provider="openvino"))


def test_a_provider_that_does_not_start_is_bad_input(monkeypatch) -> None:
    monkeypatch.setattr(ort, "get_available_providers", lambda: list(PROVIDERS.values()))
    with (
        pytest.warns(UserWarning, match="OpenVINOExecutionProvider"),
        pytest.raises(InputError, match="--provider openvino can't start on this machine"),
    ):
        create_session(_model(), "openvino")


def test_a_misspelt_provider_is_answered_with_the_nearest(file) -> None:
    with pytest.raises(InputError, match="did you mean 'tensorrt'"):
        make_policy(str(file), InferenceRuntime(provider="tensorr"))
