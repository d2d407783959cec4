from __future__ import annotations

import numpy as np
import onnx
import pytest

from policies.export.batch_squeeze import cancel_reshapes, fuse_bias, squeeze_batch
from policies.export.row_selection import push_down_row_selection
from policies.onnx.session import create_session

from .layers import TOKENS, WIDE, WIDTH, apply_passes, build_layer, draw_weights, run_model

pytestmark = pytest.mark.slow  # needs an exported file


@pytest.mark.parametrize("last", [0, 3, 4])
def test_one_row_is_selected_before_the_layer_and_comes_to_the_same(last) -> None:
    model, x = build_layer(rows=False), draw_weights(1, TOKENS, WIDTH)
    changed = apply_passes(model, squeeze_batch, push_down_row_selection, cancel_reshapes, fuse_bias)
    shapes = {
        value.name: [size.dim_value for size in value.type.tensor_type.shape.dim] for value in changed.graph.value_info
    }
    products = [node for node in changed.graph.node if node.op_type == "Gemm"]
    assert [shapes[node.output[0]] for node in products] == [[1, WIDE], [1, WIDTH]]
    given = {"x": x, "last": np.array([last])}
    assert np.allclose(run_model(changed, **given), run_model(model, **given), atol=1e-6)


def test_rows_that_others_need_stay() -> None:
    model, x = build_layer(rows=False), draw_weights(1, TOKENS, WIDTH)
    extra = onnx.helper.make_tensor_value_info("g", onnx.TensorProto.FLOAT, [1, TOKENS, WIDE])
    model.graph.output.append(extra)
    changed = apply_passes(model, push_down_row_selection)
    session = create_session(changed, "cpu")
    given = {"x": x, "last": np.array([2])}
    for one, other in zip(
        session.run(["y", "g"], given), create_session(model, "cpu").run(["y", "g"], given), strict=True
    ):
        assert np.allclose(one, other, atol=1e-6)
