from types import SimpleNamespace

from scenarios.lookup import get_scenario
from sim.record.session import EXPERT, RecordingConfig, RecordingSession


def test_disturbances_are_seeded_by_the_scenario_s_name_and_not_by_its_path(tmp_path, monkeypatch):
    file = tmp_path / "mine.yaml"
    file.write_text("family: corridor\n")
    seeded = []
    monkeypatch.setattr(RecordingSession, "_kept", lambda *_: (None, "success"))
    monkeypatch.setattr("sim.record.session.rollout_episodes", lambda *_: None)
    monkeypatch.setattr("sim.record.session.DemonstrationRecorder", lambda *_: SimpleNamespace(demonstrations={0: ()}))
    monkeypatch.setattr("sim.record.session.Lockstep", lambda *_: SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(
        "sim.record.drivers.dagger.DaggerPolicy.prepare", lambda _, episodes, *__: seeded.extend(episodes)
    )
    for scenario in (str(file), "corridor"):
        plan = RecordingConfig(EXPERT, scenario, 1000, 1)
        RecordingSession(plan, get_scenario(scenario)).record_episodes([0])
    assert [episode.scenario for episode in seeded] == ["mine", "corridor"]
