"""Laws of asking with a second instruction."""

from __future__ import annotations

import numpy as np
import pytest
from answering import Answering, constant
from driven_scenes import make_set, make_subject

from scenarios.perturbations.alternative_tasks import swapped_tasks
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering import second_instruction
from sim.offline.metrics.gathering.scenes import rebuild_scenes
from sim.offline.metrics.gathering.second_instruction import ask_with_second_instruction
from sim.offline.metrics.gathering.subject import NotAvailableError, predict_set
from sim.offline.metrics.scenes.language import measure_language_gap


def asked(policy, scenario):
    subject = make_subject(policy, make_set(scenario, frames=10))
    start = Evidence(0.1, 1, predict_set(subject).episodes, scenes=rebuild_scenes(subject, None))
    return start.scenes[0].world, ask_with_second_instruction(subject, start)


def test_policy_and_expert_are_asked_for_the_other_target():
    heard = set()

    def listen(batch, texts):
        heard.update(texts)
        return np.zeros((len(texts), 3))

    world, (told,) = asked(Answering(listen), "lookalikes")
    other = swapped_tasks(world)[0]
    assert heard == {world.instruction, other.instruction}
    assert not np.allclose(told.labels, told.other_labels)
    assert told.labels.shape == told.other_labels.shape == told.other_predictions.shape == (10, 3)
    assert measure_language_gap(told) == 0.0


def test_without_another_task_there_is_nothing_to_ask(monkeypatch):
    monkeypatch.setattr(second_instruction, "swapped_tasks", lambda world: ())
    with pytest.raises(NotAvailableError, match="no scene of the data set has another target or side"):
        asked(constant(0, 0, 0), "corridor")
