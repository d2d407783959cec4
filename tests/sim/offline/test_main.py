"""Laws of ``python -m sim.offline``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from recorded import demonstration

from policies.dataset import DatasetWriter, SceneRef
from policies.dataset.hdf5.writer import Hdf5Writer
from scenarios.common.errors import InputError
from sim.offline.__main__ import main

from ...policies.dataset.foreign import ForeignSet

HOSTED = str(Path(__file__).parents[2] / "policies/host/hosted_policies.py")
LABELS = [[0, 0, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]]
TEXTS = ["go left", "go right", "go left"]


def written(writer):
    with writer:
        for number, text in enumerate(TEXTS):
            scene = SceneRef("box-detour", 9000, number)
            writer.add(demonstration(LABELS, scene=scene, size=32, instruction=text, marks=number))
    return str(writer.root)


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))  # the command fixes the threads of its process


@pytest.fixture(scope="module")
def hdf5(tmp_path_factory):
    return written(Hdf5Writer(tmp_path_factory.mktemp("sets") / "keys"))


@pytest.fixture(scope="module")
def lerobot(tmp_path_factory):
    return written(DatasetWriter(tmp_path_factory.mktemp("sets") / "video"))


def test_policies_are_ranked_above_the_baselines(hdf5, capsys):
    assert main(["--policy", "zero,straight", "--dataset", hdf5]) == 0
    text = capsys.readouterr().out
    order = [text.index(f"\n{name} ") for name in ("straight", "zero", "baselines", "  zero", "  hold")]
    assert order == sorted(order)
    assert "12 frames of 3 episodes, a frame every 0.3 s; 3-D" in text
    assert "not significantly different from the best constant (median, 0.1667): straight +0.000" in text
    assert "worse than the best constant (median, 0.1667): zero" in text
    assert "called once per frame: straight, zero" in text


def test_both_file_formats_have_the_same_score(hdf5, lerobot, tmp_path):
    entries = []
    for number, folder in enumerate((hdf5, lerobot)):
        out = tmp_path / f"{number}.json"
        assert main(["--policy", "straight", "--dataset", folder, "--out", str(out)]) == 0
        entries += json.loads(out.read_text())["offline"]
    keys, video = entries
    assert keys["mae"] == pytest.approx(video["mae"])
    assert keys["alarms"] == video["alarms"]
    assert len(keys["conventions"]) == len(video["conventions"]) == 18


def test_the_results_name_the_runtime_and_a_policy_without_a_network_takes_none(hdf5, tmp_path):
    out = tmp_path / "found.json"
    main(["--policy", "zero", "--dataset", hdf5, "--out", str(out)])
    assert json.loads(out.read_text())["runtimes"] == {"zero": ""}
    with pytest.raises(InputError, match="'zero' has no network to which --precision bf16 could apply"):
        main(["--policy", "zero", "--dataset", hdf5, "--precision", "bf16"])


def test_two_axes_on_request(hdf5, capsys):
    main(["--policy", "zero", "--dataset", hdf5, "--convention", "2d"])
    text = capsys.readouterr().out
    assert "2-D actions (vx, vy)" in text
    assert "0.5000 (0.500 to 0.500)" in text


def test_training_on_the_scored_frames_is_an_alarm_and_without_training_data_skipped(hdf5, capsys):
    main(["--policy", "zero", "--dataset", hdf5, "--train", hdf5])
    assert (
        "alarm  shared frames: 12 of 12 scored frames (100.0%) are also in the training data" in capsys.readouterr().out
    )
    main(["--policy", "zero", "--dataset", hdf5])
    assert "skip   shared frames, shared scenes" in capsys.readouterr().out


def test_the_mapping_is_printed_before_the_figures_and_may_be_given(lerobot, capsys, tmp_path):
    assert main(["--policy", "zero", "--dataset", lerobot]) == 0
    text = capsys.readouterr().out
    assert (
        text.index("guessed from its names") < text.index("camera: observation.images.front") < text.index("12 frames")
    )
    (tmp_path / "mapping.yaml").write_text("rate: 15\nactions: {columns: {vx: vx, wz: wz}, units: [m/s, deg/s]}\n")
    out = tmp_path / "scores.json"
    arguments = ["--policy", "zero", "--dataset", lerobot, "--mapping", str(tmp_path / "mapping.yaml")]
    assert main([*arguments, "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert "as its mapping file says" in text
    assert "2-D actions (vx, wz)" in text
    assert "note   missing axes: the data set has no vy" in text
    assert "note   uneven calls: a policy that acts every 0.1 s acted every 1.5 frames" in text
    (score,) = json.loads(out.read_text())["offline"]
    assert (score["axes"], score["mae"]) == (["vx", "wz"], pytest.approx(0.75 / 1.15 / 2))


def test_all_mismatches_are_told_in_one_answer_with_a_mapping_that_mends_them(tmp_path, capsys):
    cameras = ("observation.images.left", "observation.images.right")
    foreign = ForeignSet(camera=cameras[0], more_cameras=cameras[1:], action_names=None, size=(32, 48))
    foreign.write(tmp_path / "set")
    (tmp_path / "set/meta/tasks.parquet").unlink()
    arguments = ["--policy", "zero", "--dataset", str(tmp_path / "set")]
    with pytest.raises(InputError) as raised:
        main(arguments)
    answer = str(raised.value)
    for part in ("2 cameras, and none is known to look ahead", "3 columns without names", "tasks.parquet is missing"):
        assert part in answer
    (tmp_path / "set/mapping.yaml").write_text(answer.partition("\n\n")[2])  # as it is suggested
    assert main(arguments) == 0
    assert "camera: observation.images.left" in capsys.readouterr().out


def test_held_out_demonstrations_are_listed_by_their_scenario(hdf5, lerobot, capsys, monkeypatch):
    made = {"corridor": Path(lerobot), "doorway": Path(hdf5)}
    monkeypatch.setattr("sim.offline.__main__.ensure_held_out", made.__getitem__)
    assert main(["--policy", "zero", "--scenario", "corridor,doorway"]) == 0
    text = capsys.readouterr().out
    assert text.index("corridor: 12 frames") < text.index("doorway: 12 frames")


def test_a_policy_that_fails_is_last_with_its_error(hdf5, capsys, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from policies.scripted.baselines import make_zero_policy\n"
        "def broken():\n    policy = make_zero_policy()\n    policy.act = lambda batch: 1 / 0\n    return policy\n"
    )
    assert main(["--policy", f"broken={tmp_path}/mine.py:broken,zero", "--dataset", hdf5]) == 0
    text = capsys.readouterr().out
    assert text.index("\nzero ") < text.index("\nbroken ")
    assert "broken: ZeroDivisionError: division by zero" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--policy", "zreo", "--dataset", "."], "did you mean 'zero'"),
        (["--policy", "zero"], "--dataset --scenario is required"),
        (["--policy", "zero", "--dataset", ".", "--scenario", "corridor"], "not allowed with"),
        (["--policy", "zero", "--dataset", "nowhere"], "--dataset 'nowhere': no such folder"),
        (["--policy", "zero", "--dataset", "."], "not a LeRobot data set"),
        (["--policy", "zero", "--scenario", "corridor", "--mapping", "m.yaml"], "--mapping says how to read --dataset"),
        (["--policy", "zero", "--scenario", "coridor"], "did you mean 'corridor'"),
        (["--policy", "zero", "--scenario", "corridor", "--convention", "4d"], "unknown convention '4d'"),
        (["--policy", "zero", "--dataset", ".", "--out", "."], "is a folder: name a file"),
        (["--policy", "zero", "--dataset", ".", "--out", "no/where.json"], "there is no folder"),
    ],
)
def test_bad_input_is_an_error_of_one_sentence(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words) as raised:
        main(arguments)
    assert "\n" not in str(raised.value)


def test_missing_training_data_is_named(hdf5):
    with pytest.raises(InputError, match="--train 'nowhere': no such folder"):
        main(["--policy", "zero", "--dataset", hdf5, "--train", "nowhere"])


def test_offline_metrics_stand_below_the_errors_and_in_the_results(hdf5, capsys, tmp_path):
    out = tmp_path / "found.json"
    arguments = ["--policy", "zero,straight", "--dataset", hdf5, "--metrics", "mae,skill*,words_use,uwe"]
    assert main([*arguments, "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert text.index("checks of the data set") < text.index("offline metrics on") < text.index("\nskill_hold")
    assert "not available: uwe (no retrains of the policy are given: name them after --retrains)" in text
    zero, straight = json.loads(out.read_text())["metrics"]
    assert [score["metric"] for score in zero["scores"]] == ["mae", "skill_hold", "skill_constant", "uwe", "words_use"]
    assert zero["scores"][0]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert zero["scores"][0]["cost"]["frames"] == 12
    assert straight["policy"] == "straight"
    assert straight["scores"][-1]["value"] == 0.0


def test_retrains_are_policies_too_and_metrics_have_names(hdf5, capsys):
    with_retrains = ["--policy", "zero", "--dataset", hdf5, "--metrics", "variance", "--retrains", "straight"]
    assert main(with_retrains) == 0
    assert "\nvariance" in capsys.readouterr().out
    with pytest.raises(InputError, match="unknown offline metric 'variances': did you mean 'variance'"):
        main(["--policy", "zero", "--dataset", hdf5, "--metrics", "variances"])


def test_only_the_first_episodes_are_scored_where_fewer_are_asked_for(hdf5, tmp_path):
    out = tmp_path / "first.json"
    assert main(["--policy", "zero", "--dataset", hdf5, "--episodes", "2", "--metrics", "mae", "--out", str(out)]) == 0
    found = json.loads(out.read_text())
    assert (found["offline"][0]["episodes"], found["offline"][0]["frames"]) == (2, 8)
    assert len(found["metrics"][0]["scores"][0]["episodes"]) == 2


@pytest.mark.parametrize(
    ("name", "sentence"), [("Segfaults", "killed by SIGSEGV"), ("HangsInReset", "did not return within 1 s")]
)
def test_a_policy_of_ones_own_ends_or_hangs_in_its_own_process(hdf5, tmp_path, name, sentence):
    out = tmp_path / "found.json"
    arguments = ["--dataset", hdf5, "--policy-timeout", "1", "--out", str(out)]
    assert main(["--policy", f"{HOSTED}:{name},straight", *arguments]) == 0
    failed, straight = json.loads(out.read_text())["offline"]
    assert sentence in failed["error"]
    assert straight["error"] is None


def test_a_run_in_which_nothing_could_be_scored_is_bad_input(hdf5):
    with pytest.raises(
        InputError, match=r"no policy could be scored: .*Segfaults: its process ended \(killed by SIGSEGV"
    ):
        main(["--policy", f"{HOSTED}:Segfaults", "--dataset", hdf5])
