from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from policies.dataset import Dataset
from policies.dataset.episodes import open_dataset
from policies.dataset.hdf5.reader import Hdf5Dataset
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from sim.record.dataset import LAYOUTS, RecordingResult, record_dataset
from sim.record.drivers import teleop
from sim.record.drivers.dagger import ActionDisturbance
from sim.record.session import EXPERT, RecordingConfig, RecordingSession
from sim.replay import replay_dataset

pytestmark = pytest.mark.slow  # drives and encodes episodes

PLAN = RecordingConfig(EXPERT, "corridor", 1000, 3, ActionDisturbance(bursts=True), caption_every=8)


@pytest.fixture(scope="module", autouse=True)
def small_batches() -> Iterator[None]:
    """Have this process drive few episodes at a time: every slot is drawn, used or not."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("session", "parallel"):
            patch.setattr(f"sim.record.{module}.RECORDING_BATCH", 3)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[RecordingResult, Dataset]:
    folder = tmp_path_factory.mktemp("record") / "set"
    return record_dataset(PLAN, folder), Dataset(folder)


def test_a_recorded_set_holds_each_kept_episode_in_order(made):
    recorded, dataset = made
    assert recorded.kept == len(dataset) == 3
    assert [dataset.info(number).scene.episode for number in range(3)] == [0, 1, 2]
    assert recorded.frames == sum(dataset.info(number).length for number in range(3))
    assert all(dataset.info(number).source == "expert" for number in range(3))


def test_every_demonstration_passes_the_success_check_when_it_is_driven_again(made):
    results = list(replay_dataset(made[1]))
    assert len(results) == 3
    assert all(result.passed and result.status == "success" for result in results)


def test_labels_differ_from_what_was_executed_in_bursts_only(made):
    demonstration = made[1].demonstration(0)
    same = (demonstration.actions == demonstration.executed).all(axis=1)
    assert 0.5 < same.mean() < 1.0
    assert np.array_equal(same, ~demonstration.noise_burst)
    assert demonstration.clearance_m.min() > 0.0


def test_captions_name_the_target_that_the_instruction_names(made):
    demonstration = made[1].demonstration(0)
    phrases = {seen.phrase for caption in demonstration.captions for seen in caption.objects}
    assert any(phrase in demonstration.instruction for phrase in phrases)


@pytest.mark.slow
def test_workers_record_the_same_as_this_process_whatever_the_batch(made, tmp_path):
    record_dataset(PLAN, tmp_path / "set", workers=2)
    again = Dataset(tmp_path / "set")
    for one, other in zip(made[1], again, strict=True):
        assert one.scene == other.scene
        assert np.array_equal(one.executed, other.executed)
        assert np.array_equal(one.agent_pos, other.agent_pos)
        assert np.array_equal(one.noise_burst, other.noise_burst)
        assert np.array_equal(one.clearance_m, other.clearance_m)
        assert one.captions == other.captions
        assert np.abs(one.pixels.astype(int) - other.pixels).mean() < 0.5
    assert [path for path in tmp_path.iterdir() if path.name != "set"] == []


def test_a_policy_that_never_succeeds_leaves_no_set(tmp_path):
    zero = RecordingConfig("zero", "corridor", 1000, 1)
    with pytest.raises(InputError, match="1 stuck"):
        record_dataset(zero, tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def key_presses(tmp_path_factory) -> Path:
    """Two episodes of key presses, in both layouts."""
    root = tmp_path_factory.mktemp("presses")
    numbers = teleop.select_episodes(1000, per_cell=1)[:2]
    plan = RecordingConfig(teleop.TELEOP, teleop.SCENARIO, 1000, 2, numbers=numbers)
    for layout in LAYOUTS:
        record_dataset(plan, root / layout, layout=layout)
    return root


def test_a_key_press_is_a_record_of_three_tenths_of_a_second(key_presses):
    dataset = Dataset(key_presses / "lerobot")
    assert dataset.fps == pytest.approx(10 / 3)
    for each in dataset:
        assert each.pixels.shape == (18, 224, 224, 3)
        assert (each.success, each.source) == (True, "teleop")
        assert np.array_equal(each.actions, each.executed)
        assert not each.actions[0].any()
        moved = np.abs(np.diff(each.agent_pos[:, 3:5], axis=0))
        assert np.abs(moved - 0.345 * np.abs(each.actions[:-1, :2])).max() < 0.03  # it takes time to reach its speed


def test_both_layouts_hold_the_same_and_pass_the_replay(key_presses):
    ours, published = Dataset(key_presses / "lerobot"), Hdf5Dataset(key_presses / "hdf5")
    for one, other in zip(ours, published, strict=True):
        assert (one.scene, one.instruction) == (other.scene, other.instruction)
        assert np.array_equal(one.actions, other.actions)
        assert np.abs(one.pixels.astype(int) - other.pixels).mean() < 5.0  # the one is video
    for dataset in (ours, published):
        assert [(result.passed, result.status) for result in replay_dataset(dataset)] == [(True, "success")] * 2
    names = [path.stem.split("_", 2)[2] for path in sorted((key_presses / "hdf5").iterdir())]
    assert set(names) <= set(teleop.PUBLISHED_CELLS)


MINE = "family: corridor\nranges: {length: 7.0, boxes: 1}\n"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_set_of_a_file_s_scenario_is_driven_again_wherever_both_have_gone(tmp_path, layout):
    file = tmp_path / "mine.yaml"
    file.write_text(MINE)
    drawn = get_scenario(str(file)).world(1000, 0)
    record_dataset(RecordingConfig(EXPERT, str(file), 1000, 1), tmp_path / "set", layout=layout)
    file.write_text(MINE.replace("7.0", "9.5"))
    (tmp_path / "set").rename(tmp_path / "moved")
    dataset = open_dataset(tmp_path / "moved")
    scene = dataset.info(0).scene
    assert scene.scenario == str(tmp_path / "moved" / "meta" / "scenarios" / "mine.yaml")
    assert get_scenario(scene.scenario).world(scene.suite_seed, scene.episode) == drawn
    assert [(result.passed, result.status) for result in replay_dataset(dataset)] == [(True, "success")]


def test_a_file_that_is_edited_meanwhile_changes_nothing(tmp_path, monkeypatch):
    file = tmp_path / "mine.yaml"
    file.write_text(MINE)
    drawn = get_scenario(str(file)).world(1000, 0)
    seen = []

    def edited(self, numbers):
        file.write_text(MINE.replace("7.0", "9.5"))
        seen.append(self._scenario.world(1000, numbers[0]))
        return []

    monkeypatch.setattr(RecordingSession, "record_episodes", edited)
    with pytest.raises(InputError, match="no episode was kept"):
        record_dataset(RecordingConfig(EXPERT, str(file), 1000, 1), tmp_path / "set")
    assert seen == [drawn]


def test_a_policy_that_fails_in_every_episode_is_told_with_the_command_that_says_why(tmp_path):
    hosted = Path(__file__).parents[2] / "policies/host/hosted_policies.py"
    config = RecordingConfig(f"{hosted}:Segfaults", "corridor", 1000, 1)
    with pytest.raises(InputError, match=r"failed in each: 'python -m policies.check .*:Segfaults' tells why"):
        record_dataset(config, tmp_path / "set")
