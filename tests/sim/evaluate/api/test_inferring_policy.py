"""Laws of policy objects with openpi's ``infer``."""

from __future__ import annotations

import numpy as np
import pytest

from policies.formats.observation_format import ObservationFormat
from policies.policy import ObservationBatch, PolicySpec
from scenarios.common.errors import InputError
from sim.evaluate import evaluate
from sim.evaluate.api.arguments import name_policies

INFERRING = '''
import numpy as np


class Inferring:
    """Drives by what one robot knows: its picture, its state and its words."""

    spec = {
        "image_size": [8, 12],
        "rate_hz": 10,
        "hold_action": [0, 0, 0],
        "chunk": 2,
        "observation": {"pixels_key": ["seen", "image"], "state_key": "state", "instruction_key": "prompt"},
    }

    def __init__(self):
        self.seen, self.resets = [], 0

    def reset(self):
        self.resets += 1

    def infer(self, observation):
        self.seen.append(observation)
        turn = 0.01 * len(observation["prompt"]) + 0.001 * float(observation["state"][5])
        speed = observation["seen"]["image"].mean() / 255
        observation["state"][:] = 9.0
        return {"actions": np.array([[speed, 0, turn], [speed, 0, -turn]])}
'''


@pytest.fixture
def inferring(tmp_path):
    """The file of the class, and an object of it."""
    file = tmp_path / "inferring.py"
    file.write_text(INFERRING)
    namespace: dict = {}
    exec(INFERRING, namespace)
    return file, namespace["Inferring"]()


def test_it_is_asked_for_each_live_robot_and_sees_its_own_observation(inferring):
    _, policy = inferring
    named = name_policies(policy)
    adapted = named.objects["Inferring"]
    assert named.names == ("Inferring",)
    assert (adapted.spec.name, adapted.spec.chunk, adapted.spec.image_size) == ("Inferring", 2, (8, 12))
    pixels = np.arange(3, dtype=np.uint8).repeat(8 * 12 * 3).reshape(3, 8, 12, 3)
    batch = ObservationBatch(pixels, np.arange(18, dtype=np.float32).reshape(3, 6), np.array([True, False, True]))
    adapted.reset([0, 1, 2], ["a", "bb", "ccc"])
    actions = adapted.act(batch)
    assert policy.resets == 1
    assert [each["prompt"] for each in policy.seen] == ["a", "ccc"]
    assert actions.shape == (3, 2, 3)
    assert np.allclose(actions[0, 0], (0, 0, 0.01 + 0.005))
    assert not actions[1].any()
    assert np.allclose(actions[2, 1], (2 / 255, 0, -0.03 - 0.017))
    assert np.array_equal(batch.agent_pos, np.arange(18).reshape(3, 6))


@pytest.mark.slow
def test_an_object_drives_as_its_class_does_by_name(inferring):
    file, policy = inferring
    quiet = {"episodes": 2, "dataset": False, "progress": False}
    by_object, by_name = evaluate(policy, **quiet), evaluate(f"{file}:Inferring", **quiet)
    assert [row.status for row in by_object.rows] != ["policy-fault"] * 2
    assert [row.digest for row in by_object.rows] == [row.digest for row in by_name.rows]


def test_it_must_name_what_it_is_given_and_answer_with_actions():
    nothing = ObservationFormat(pixels_key=None, state_key=None, instruction_key=None)
    blind = PolicySpec("blind", None, 0.1, (0.0, 0.0, 0.0), observation=nothing)
    silent = type("Silent", (), {"spec": blind, "infer": lambda self, seen: {}})()
    with pytest.raises(InputError, match="policy 'Silent' has 'infer', so its spec must name the keys"):
        name_policies(silent)
    declared = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0], "observation": {"state_key": "state"}}
    silent = type("Silent", (), {"spec": declared, "infer": lambda self, seen: {}})()
    adapted = name_policies([silent]).objects["Silent"]
    adapted.reset([0], ["go"])
    with pytest.raises(TypeError, match="infer returned a dict, not a dictionary with 'actions'"):
        adapted.act(ObservationBatch(None, np.zeros((1, 6), np.float32), np.ones(1, bool)))
