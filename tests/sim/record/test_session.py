"""Laws of a recording session: which episodes it drives, what it keeps of them, and what it names in a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from policies.policy import ObservationBatch
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.robot import CONTROL_PERIOD_S
from sim.record.drivers.dagger import ActionDisturbance
from sim.record.drivers.teleop import TELEOP, TELEOP_SPEC, TeleopPolicy
from sim.record.session import EXPERT, MonitoredDriver, RecordingConfig, RecordingSession
from sim.rollout.episode import Episode
from sim.workers.process import Heartbeat

CORRIDOR = get_scenario("corridor")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drive few episodes at a time: every slot is drawn, used or not."""
    monkeypatch.setattr("sim.record.session.RECORDING_BATCH", 2)


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[RecordingSession]:
    made = RecordingSession(request.param, CORRIDOR)
    yield made
    made.close()


def config(policy: str, **fields: object) -> RecordingConfig:
    return RecordingConfig(policy, "corridor", 1000, 2, **fields)


@pytest.mark.parametrize("session", [config("straight"), config("straight", keep_failures=True)], indirect=True)
def test_a_failure_is_left_out_unless_failures_are_kept(session: RecordingSession) -> None:
    episodes = session.record_episodes([4, 5])
    assert [status == "success" for _, status in episodes] == [False, True]
    kept = [demonstration.scene.episode for demonstration, _ in episodes if demonstration is not None]
    assert kept == ([4, 5] if session._config.keep_failures else [5])


@pytest.mark.parametrize("session", [config(EXPERT, caption_every=1000)], indirect=True)
def test_a_caption_names_what_the_picture_shows_of_the_world(session: RecordingSession) -> None:
    ((demonstration, status),) = session.record_episodes([0])
    assert (status, demonstration.source) == ("success", "expert")
    (caption,) = demonstration.captions
    labels = {item.label for item in CORRIDOR.world(1000, 0).items}
    assert caption.objects
    assert {seen.phrase for seen in caption.objects} <= labels


@pytest.mark.parametrize("suite_seed", [1000, 2000, 9000])
def test_a_recording_s_tasks_are_told_in_unseen_phrases_in_test_suites_only(suite_seed: int) -> None:
    numbers = [next(n for n in range(40) if CORRIDOR.phrase_kind(9000, n) == kind) for kind in ("seen", "unseen")]
    made = RecordingSession(RecordingConfig("straight", "corridor", suite_seed, 2, keep_failures=True), CORRIDOR)
    told = [demonstration.instruction for demonstration, _ in made.record_episodes(numbers) if demonstration]
    made.close()
    worlds = [CORRIDOR.world(suite_seed, number) for number in numbers]
    assert told == [world.instruction for world in worlds]
    assert [world.phrase for world in worlds] == ["seen", "unseen" if suite_seed == 9000 else "seen"]


def test_episodes_are_numbered_from_0_unless_they_are_listed() -> None:
    assert list(config(EXPERT).episode_numbers) == [0, 1]
    assert list(config(EXPERT, numbers=(7, 4)).episode_numbers) == [7, 4]


def test_frames_are_a_control_period_apart_and_key_presses_their_own() -> None:
    assert config(EXPERT).period_s == CONTROL_PERIOD_S
    assert config(TELEOP).period_s == TELEOP_SPEC.period_s


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'expert'"):
        RecordingSession(config("exprt"), CORRIDOR)


def test_a_watched_driver_has_the_labels_of_the_driver_and_every_call_shows() -> None:
    clocks = [0.0, 0.0]
    plain, watched = TeleopPolicy(), MonitoredDriver(TeleopPolicy(), Heartbeat(clocks))
    world = get_scenario("box-detour").world(1000, 0)
    batch = ObservationBatch(None, np.zeros((1, 6), np.float32), np.ones(1, bool))
    for driver in (plain, watched):
        driver.prepare([Episode("box-detour", 1000, 0)], [world], 1)
        driver.reset([0], ["go"])
    for _ in range(5):
        assert np.array_equal(watched.act(batch), plain.act(batch))
        assert np.array_equal(watched.labels, plain.labels)
        assert watched.noise_burst.tolist() == plain.noise_burst.tolist() == [False]
        assert clocks[0] == 0.0
        assert clocks[1] > 0.0


def test_disturbances_are_seeded_by_the_scenario_s_name_and_not_by_its_path(tmp_path: Path) -> None:
    executed = []
    for folder in ("a", "b"):
        file = tmp_path / folder / "mine.yaml"
        file.parent.mkdir()
        file.write_text("family: corridor\nranges: {length: 5.0}\n")
        recording = RecordingConfig(EXPERT, str(file), 1000, 1, ActionDisturbance(bursts=True), keep_failures=True)
        session = RecordingSession(recording, get_scenario(str(file)))
        ((demonstration, _),) = session.record_episodes([0])
        session.close()
        assert not np.array_equal(demonstration.executed, demonstration.actions)
        executed.append(demonstration.executed)
    assert np.array_equal(*executed)
