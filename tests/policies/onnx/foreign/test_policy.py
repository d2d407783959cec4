from __future__ import annotations

import numpy as np
import pytest
from onnx import helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from policies.policy import InferenceRuntime, ObservationBatch
from policies.registry import make_policy
from scenarios.common.errors import InputError

from .onnx_files import BYTE, FLOAT, WORD, save_camera_policy, save_counter, save_graph


def batch(pixels=None, state=None, live=(True, True)) -> ObservationBatch:
    state = np.zeros((len(live), 6), np.float32) if state is None else np.asarray(state, np.float32)
    return ObservationBatch(pixels, state, np.array(live))


def channels(*values: int) -> np.ndarray:
    """Frames of 4 x 6 pixels, one for each robot, of these values in red, green and blue."""
    return np.tile(np.array(values, np.uint8).reshape(1, 1, 1, 3), (2, 4, 6, 1))


@pytest.mark.parametrize(
    ("layout", "kind", "expected"),
    [("chw", FLOAT, (51 / 255, 0.0, 3.0)), ("hwc", FLOAT, (51 / 255, 0.0, 3.0)), ("hwc", BYTE, (51.0, 0.0, 765.0))],
)
@pytest.mark.parametrize("size", [1, "n"])
def test_frames_are_laid_out_and_scaled_as_the_input_takes_them(layout, kind, expected, size, tmp_path) -> None:
    policy = make_policy(str(save_camera_policy(tmp_path / "m.onnx", layout=layout, kind=kind, batch=size)))
    policy.reset((0, 1), ("go", "go"))
    assert np.allclose(policy.act(batch(channels(51, 0, 255))), [expected, expected])


def test_declared_means_and_deviations_are_applied(tmp_path) -> None:
    path = save_camera_policy(tmp_path / "m.onnx")
    (tmp_path / "m.yaml").write_text("observation: {pixel_mean: [0.2, 0, 0], pixel_std: [0.1, 1, 0.5]}\n")
    policy = make_policy(str(path))
    policy.reset((0, 1), ("go", "go"))
    assert np.allclose(policy.act(batch(channels(51, 0, 255)))[0], (0.0, 0.0, 6.0), atol=1e-6)


def counter(tmp_path):
    save_counter(tmp_path / "m.onnx")
    (tmp_path / "m.yaml").write_text("observation: {state: [vx, vy, wz]}\n")
    return make_policy(str(tmp_path / "m.onnx"))


def test_each_slot_keeps_a_recurrent_state_of_its_own_until_it_is_reset(tmp_path) -> None:
    policy = counter(tmp_path)
    policy.reset((0, 1), ("go", "go"))
    seen = batch(state=[[1, 0, 0], [0, 2, 0]])
    policy.act(seen)
    assert np.allclose(policy.act(seen), [[2, 0, 0], [0, 4, 0]])
    policy.reset((1,), ("go",))
    assert np.allclose(policy.act(seen), [[3, 0, 0], [0, 2, 0]])


def test_a_slot_that_is_not_live_keeps_its_state(tmp_path) -> None:
    policy = counter(tmp_path)
    policy.reset((0, 1), ("go", "go"))
    policy.act(batch(state=[[1, 0, 0], [1, 0, 0]], live=(True, False)))
    assert np.allclose(policy.act(batch(state=[[1, 0, 0], [1, 0, 0]])), [[2, 0, 0], [1, 0, 0]])


def test_a_shared_policy_has_episodes_of_its_own(tmp_path) -> None:
    policy = counter(tmp_path)
    twin = policy.share()
    for each in (policy, twin):
        each.reset((0, 1), ("go", "go"))
    seen = batch(state=[[1, 0, 0], [1, 0, 0]])
    policy.act(seen)
    assert np.allclose(twin.act(seen), [[1, 0, 0], [1, 0, 0]])


def test_a_chunk_is_answered_as_one(tmp_path) -> None:
    nodes = [
        helper.make_node("Unsqueeze", ["speed", "axis"], ["one"]),
        helper.make_node("Expand", ["one", "to"], ["a"]),
    ]
    nodes.insert(0, helper.make_node("Constant", [], ["axis"], value_ints=[1]))
    nodes.insert(0, helper.make_node("Constant", [], ["to"], value_ints=[1, 4, 3]))
    path = save_graph(tmp_path / "m.onnx", [("speed", FLOAT, (1, 3))], [("a", FLOAT, (1, 4, 3))], nodes)
    (tmp_path / "m.yaml").write_text("replan: 2\nobservation: {state: [vx, vy, wz]}\n")
    policy = make_policy(str(path))
    policy.reset((0, 1), ("go", "go"))
    assert (policy.spec.chunk, policy.spec.replan) == (4, 2)
    assert policy.act(batch(state=[[1, 2, 3]] * 2)).shape == (2, 4, 3)


def test_words_reach_the_model_as_ids_and_mask(tmp_path) -> None:
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "go": 5, "left": 7}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    nodes = [
        helper.make_node("Mul", ["ids", "mask"], ["known"]),
        helper.make_node("Cast", ["known"], ["words"], to=FLOAT),
        helper.make_node("Add", ["words", "speed"], ["a"]),
    ]
    inputs = [("ids", WORD, (1, 3)), ("mask", WORD, (1, 3)), ("speed", FLOAT, (1, 3))]
    path = save_graph(tmp_path / "m.onnx", inputs, [("a", FLOAT, (1, 3))], nodes)
    with pytest.raises(InputError, match="can't be told: describe the file"):
        make_policy(str(path))
    (tmp_path / "m.yaml").write_text(
        "observation: {state: [vx, vy, wz]}\n"
        "onnx:\n  instruction: {ids: ids, mask: mask, tokenizer: tokenizer.json, length: 3, pad: 9}\n"
    )
    policy = make_policy(str(path))
    policy.reset((0, 1), ("go left", "left left left left"))
    assert np.allclose(policy.act(batch(state=np.zeros((2, 3)))), [[5, 7, 0], [7, 7, 7]])


def test_runtimes_for_torch_are_refused(tmp_path) -> None:
    path = str(save_camera_policy(tmp_path / "m.onnx"))
    assert "CPUExecutionProvider" in make_policy(path).spec.runtime
    for runtime in (InferenceRuntime(device="cuda"), InferenceRuntime(compile="export")):
        with pytest.raises(InputError, match="is an ONNX file"):
            make_policy(path, runtime)
