import os
import signal
from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from scenarios.registry import SCENARIOS
from sim.record import __main__ as record_command
from sim.record.__main__ import format_summary, main, make_parser
from sim.record.dataset import RecordingResult
from sim.record.drivers import teleop
from sim.record.parallel import RecordingError
from sim.record.session import RecordingConfig, RecordingSession

MINE = "family: corridor\nranges: {length: 7.0, boxes: 1}\n"


def test_two_files_of_one_name_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.yaml").write_text(MINE)
    both = f"{tmp_path}/a/mine.yaml,{tmp_path}/b/mine.yaml"
    with pytest.raises(InputError, match="are both called 'mine'"):
        main(["--scenario", both, "--out", str(tmp_path / "sets")])


def test_a_recording_that_is_told_to_stop_leaves_nothing_behind(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(os, "environ", dict(os.environ))

    def stopped(self, numbers):
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(RecordingSession, "record_episodes", stopped)
    before = signal.getsignal(signal.SIGTERM)
    assert main(["--episodes", "1", "--out", str(tmp_path / "set"), "--workers", "1"]) == 3
    assert signal.getsignal(signal.SIGTERM) is before
    assert list(tmp_path.iterdir()) == []
    assert "not complete: interrupted; the data set being recorded was discarded" in capsys.readouterr().err


def test_a_recording_with_episodes_that_could_not_be_recorded_is_not_complete(tmp_path, monkeypatch, capsys):
    def broken(*_):
        raise RecordingError("episodes 0 to 15: the disk is full")

    monkeypatch.setattr(record_command, "record_dataset", broken)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    assert main(["--episodes", "1", "--out", str(tmp_path / "set")]) == 3
    assert "not complete: episodes 0 to 15: the disk is full" in capsys.readouterr().err


@pytest.fixture
def planned(monkeypatch) -> list[tuple[RecordingConfig, Path, str]]:
    """What the command line asked to record, without recording it."""
    calls = []

    def note(plan, out, workers, layout):
        calls.append((plan, out, layout))
        return RecordingResult({"success": 1}, 1, 1)

    monkeypatch.setattr(record_command, "record_dataset", note)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    return calls


def test_all_families_are_recorded_each_in_its_folder(planned, tmp_path):
    main(["--scenario", "all", "--episodes", "5", "--split", "validation", "--out", str(tmp_path / "sets")])
    assert [(plan.scenario, out) for plan, out, _ in planned] == [(n, tmp_path / "sets" / n) for n in SCENARIOS]
    assert {(plan.policy, plan.episodes, plan.suite_seed) for plan, _, _ in planned} == {("expert", 5, 2000)}


def test_one_family_is_recorded_in_the_folder_itself(planned, tmp_path):
    main(["--scenario", "box-detour", "--seed", "7", "--out", str(tmp_path / "set"), "--format", "hdf5"])
    ((plan, out, layout),) = planned
    assert (plan.scenario, plan.suite_seed, out, layout) == ("box-detour", 7, tmp_path / "set", "hdf5")


def test_the_published_set_is_72_episodes_of_the_training_split(planned, tmp_path, monkeypatch):
    monkeypatch.setattr(teleop, "select_episodes", lambda seed: tuple(range(72)))
    main(["--set", "teleop", "--out", str(tmp_path / "set")])
    ((plan, _, _),) = planned
    assert (plan.policy, plan.scenario, plan.suite_seed) == ("teleop", "box-detour", 1000)
    assert (len(plan.episode_numbers), plan.period_s, plan.keep_failures) == (72, 0.3, False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scenario", "coridor"], "did you mean 'corridor'"),
        (["--scenario", "corridor,coridor"], "did you mean 'corridor'"),
        (["--split", "test", "--seed", "1000"], "belongs to the train split"),
        (["--set", "teleop", "--seed", "9000"], "belongs to the test split"),
        (["--set", "teleop", "--policy", "zero"], "decides --policy"),
        (["--set", "teleop", "--episodes", "9"], "decides --episodes"),
        (["--set", "telop"], "teleop"),
        (["--format", "csv"], "hdf5"),
        (["--policy", "exprt"], "did you mean 'expert'"),
        (["--episodes", "0"], "episodes"),
        (["--mix", "1.5"], "mix"),
        (["--noise", "much"], "noise"),
    ],
)
def test_bad_input_is_a_sentence_and_writes_nothing(tmp_path, arguments, message, monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with pytest.raises(InputError, match=message):
        main([*arguments, "--out", str(tmp_path / "set"), "--workers", "1"])
    assert list(tmp_path.iterdir()) == []


def test_the_summary_counts_what_was_discarded():
    text = format_summary(
        RecordingResult({"success": 7, "collision": 2, "stuck": 1}, kept=7, frames=490), Path("out"), 3.2
    )
    assert "7 of 10 episodes kept, 490 frames" in text
    assert "2 collision, 1 stuck; 3 discarded" in text


def test_the_help_names_every_scenario_and_every_default():
    text = " ".join(make_parser().format_help().split())
    assert all(name in text for name in SCENARIOS)
    assert "(default: the split's first)" in text
    assert "default: None" not in text


def test_by_default_there_are_as_many_processes_as_processors_that_may_be_used():
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert make_parser().parse_args(["--out", "set"]).workers == 1
    finally:
        os.sched_setaffinity(0, allowed)
