from pathlib import Path

import numpy as np
import pytest

from policies.dataset import Dataset
from scenarios.errors import InputError
from sim import record as module
from sim.driver import Disturbance
from sim.record import Recorded, main, record, summary
from sim.replay import replay
from sim.stage import EXPERT, RecordPlan

PLAN = RecordPlan(EXPERT, "corridor", 1000, 3, Disturbance(bursts=True), caption_every=8)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Recorded, Dataset]:
    folder = tmp_path_factory.mktemp("record") / "set"
    return record(PLAN, folder), Dataset(folder)


def test_a_recorded_set_holds_each_kept_episode_in_order(made):
    recorded, dataset = made
    assert recorded.kept == len(dataset) == 3
    assert [dataset.info(number).scene.episode for number in range(3)] == [0, 1, 2]
    assert recorded.frames == sum(dataset.info(number).length for number in range(3))
    assert all(dataset.info(number).source == "expert" for number in range(3))


def test_every_demonstration_passes_the_success_check_when_it_is_driven_again(made):
    results = list(replay(made[1]))
    assert len(results) == 3
    assert all(result.passed and result.status == "success" for result in results)


def test_a_changed_action_does_not_pass_the_replay(made, monkeypatch):
    from dataclasses import replace

    whole = made[1].demonstration(0)
    still = replace(whole, executed=np.zeros_like(whole.executed))
    monkeypatch.setattr(made[1], "demonstration", lambda number: still)
    assert not next(replay(made[1])).passed


def test_labels_differ_from_what_was_executed_in_bursts_only(made):
    demonstration = made[1].demonstration(0)
    same = (demonstration.actions == demonstration.executed).all(axis=1)
    assert 0.5 < same.mean() < 1.0


def test_captions_name_the_target_that_the_instruction_names(made):
    demonstration = made[1].demonstration(0)
    phrases = {seen.phrase for caption in demonstration.captions for seen in caption.objects}
    assert any(phrase in demonstration.instruction for phrase in phrases)


def test_workers_record_the_same_as_this_process(made, tmp_path):
    record(PLAN, tmp_path / "set", workers=2)
    again = Dataset(tmp_path / "set")
    for one, other in zip(made[1], again, strict=True):
        assert one.scene == other.scene
        assert np.array_equal(one.executed, other.executed)
        assert np.array_equal(one.agent_pos, other.agent_pos)
        assert one.captions == other.captions
        assert np.abs(one.pixels.astype(int) - other.pixels).mean() < 0.5
    assert [path for path in tmp_path.iterdir() if path.name != "set"] == []


def test_a_policy_that_never_succeeds_leaves_no_set_unless_failures_are_kept(tmp_path, monkeypatch):
    zero = RecordPlan("zero", "corridor", 1000, 1)
    with pytest.raises(InputError, match="1 stuck"):
        record(zero, tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scenario", "coridor"], "did you mean 'corridor'"),
        (["--policy", "exprt"], "did you mean 'expert'"),
        (["--episodes", "0"], "episodes"),
        (["--mix", "1.5"], "mix"),
        (["--noise", "much"], "noise"),
    ],
)
def test_bad_input_is_a_sentence_and_writes_nothing(tmp_path, arguments, message, monkeypatch):
    monkeypatch.setattr(module.os, "environ", dict(module.os.environ))
    with pytest.raises(InputError, match=message):
        main([*arguments, "--out", str(tmp_path / "set"), "--workers", "1"])
    assert list(tmp_path.iterdir()) == []


def test_the_summary_counts_what_was_left_out():
    text = summary(Recorded({"success": 7, "collision": 2, "stuck": 1}, kept=7, frames=490), Path("out"), 3.2)
    assert "7 of 10 episodes kept, 490 frames" in text
    assert "2 collision, 1 stuck; 3 left out" in text
