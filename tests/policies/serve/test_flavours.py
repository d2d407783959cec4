from __future__ import annotations

import numpy as np

from policies.remote.messages import unpack_message
from policies.serve.flavours import OPENPI, VLLM, find_flavour

ACTIONS = np.ones((2, 3), np.float32)


def test_the_path_chooses_the_flavour() -> None:
    assert find_flavour("/") is OPENPI
    assert find_flavour("") is OPENPI
    assert find_flavour("/?a=1") is OPENPI
    assert find_flavour("/v1/realtime/robot/openpi") is VLLM
    assert find_flavour("/v1/realtime/robot/openpi/") is VLLM
    assert find_flavour("/v1") is None


def test_openpi_answers_with_a_map_and_errs_with_text() -> None:
    answer = unpack_message(OPENPI.encode_actions(ACTIONS, {"infer_ms": 1.5}))
    assert (answer["actions"] == ACTIONS).all()
    assert answer["server_timing"] == {"infer_ms": 1.5}
    assert OPENPI.encode_error("no") == "no"


def test_vllm_answers_with_an_array_and_errs_with_a_map() -> None:
    assert (unpack_message(VLLM.encode_actions(ACTIONS, {})) == ACTIONS).all()
    assert unpack_message(VLLM.encode_error("no")) == {"type": "error", "message": "no"}
