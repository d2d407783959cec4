from __future__ import annotations

import pytest

from policies.dataset import Dataset
from policies.train.collection import FamilyCollection, TeleopCollection
from scenarios.common.errors import InputError
from sim.record.__main__ import _recording_configs, make_parser
from sim.record.collection import collect_demonstrations, make_arguments
from sim.record.drivers.dagger import ActionDisturbance
from sim.record.session import EXPERT


def _config(spec, tmp_path):
    parsed = make_parser().parse_args([*make_arguments(spec, 2), "--out", str(tmp_path)])
    ((config, _),) = _recording_configs(parsed)
    return config


def test_the_expert_is_disturbed_captioned_and_keeps_successes_alone(tmp_path) -> None:
    config = _config(FamilyCollection(EXPERT, "doorway", 1000, 300, 2), tmp_path)
    assert (config.policy, config.scenario, config.suite_seed, config.episodes) == (EXPERT, "doorway", 1000, 300)
    assert config.disturbance == ActionDisturbance(bursts=True)
    assert (config.caption_every, config.keep_failures) == (2, False)


def test_a_checkpoint_drives_undisturbed_and_its_failures_are_kept(tmp_path) -> None:
    config = _config(FamilyCollection("runs/cloned", "corridor", 1100, 60), tmp_path)
    assert config.disturbance == ActionDisturbance(bursts=False)
    assert (config.policy, config.caption_every, config.keep_failures) == ("runs/cloned", 0, True)


@pytest.mark.parametrize(("seed", "split"), [(1000, "train"), (2000, "validation")])
def test_a_set_of_the_published_kind_is_of_its_seeds_split(seed, split) -> None:
    arguments = make_arguments(TeleopCollection(seed), 2)
    assert arguments[: arguments.index("--workers")] == ["--set", "teleop", "--split", split, "--seed", str(seed)]


@pytest.mark.slow
def test_a_data_set_is_recorded_and_its_log_is_beside_it(tmp_path) -> None:
    out = tmp_path / "set.partial"
    collect_demonstrations(FamilyCollection(EXPERT, "corridor", 1000, 1), out, 1)
    assert len(Dataset(out)) == 1
    assert "1 of 1 episodes kept" in (tmp_path / "set.log").read_text()


def test_a_recording_that_fails_is_one_sentence_with_its_log(tmp_path) -> None:
    with pytest.raises(
        InputError, match=r"recording failed with exit code 2: error: .*did you mean 'corridor'.*set\.log"
    ):
        collect_demonstrations(FamilyCollection(EXPERT, "coridor", 1000, 1), tmp_path / "set", 1)
