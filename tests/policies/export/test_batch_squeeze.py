from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from policies.export.batch_squeeze import fuse_bias, squeeze_batch

from .layers import TOKENS, WIDTH, apply_passes, build_layer, draw_weights, run_model

pytestmark = pytest.mark.slow  # needs an exported file


def test_rows_are_computed_as_matrices_with_the_bias_in_the_product() -> None:
    model, x = build_layer(rows=True), draw_weights(1, TOKENS, WIDTH)
    changed = apply_passes(model, squeeze_batch, fuse_bias)
    operators = Counter(node.op_type for node in changed.graph.node)
    assert operators.pop("Reshape") <= 3  # the input's, once for each of its two uses, and the output's
    assert operators == {"LayerNormalization": 1, "Gemm": 2, "Gelu": 1, "Add": 1}
    assert np.allclose(run_model(changed, x=x), run_model(model, x=x), atol=1e-6)
