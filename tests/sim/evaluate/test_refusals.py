"""Laws of bad input: what is refused, when, and what is left behind."""

from __future__ import annotations

import numpy as np
import pytest

from policies.dataset import Demonstration
from policies.dataset.hdf5.writer import Hdf5Writer
from scenarios.common.errors import InputError
from sim.evaluate.__main__ import main

from .small_runs import QUICK, read_rows


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--policy", "exprt", "--scenario", "corridor"], "did you mean 'expert'"),
        (["--policy", "zero", "--scenario", "coridor"], "did you mean 'corridor'"),
        (["--policy", "zero,zero", "--scenario", "corridor"], "twice"),
        (["--policy", "zero"], "--scenario"),
        (["--policy", "zero", "--scenario", "corridor", "--episodes", "0"], "at least|between"),
        (["--policy", "zero", "--scenario", "corridor", "--workers", "none"], "is not a whole number"),
        (["--policy", "zero", "--scenario", "corridor", "--renderer", "opengl"], "renderer 'opengl'"),
        (["--policy", "zero", "--scenario", "corridor", "--video", "some"], "'some'"),
        (["--policy", "zero", "--scenario", "corridor", "--fail-under", "90"], "between 0 and 1"),
        (["--policy", "zero", "--scenario", "corridor", "--dataset", "nowhere"], "folder not found"),
        (["--policy", "zero", "--scenario", "corridor", "--dataset", ".", "--no-offline"], "exclude"),
        (["--policy", "zero", "--scenario", "corridor", "--perturb", "lightning=2"], "did you mean 'lighting'"),
        (["--policy", "zero", "--scenario", "corridor", "--perturb", "lighting"], "write axis=level"),
        (["--policy", "zero", "--scenario", "corridor", "--perturb", "all=4"], "levels are 0"),
        (["--policy", "zero", "--scenario", "corridor", "--perturb", "lighting=0"], "level 0 changes nothing"),
        (["--policy", "zero", "--scenario", "corridor", "--probe", "words"], "'words'"),
        (["--policy", "zero", "--scenario", "corridor", "--latency", "slow"], "not a number, or 'measured'"),
        (["--policy", "zero", "--scenario", "absent/my.yaml"], "absent/my.yaml"),
        (["--policy", "zero", "--scenario", "file.yaml"], "file.yaml"),
        (["--policy", "zero", "--scenario", "corridor", "--resume"], "needs --out"),
        (["--policy", "zero", "--scenario", "corridor", "--out", "file"], "is a file"),
        (["--policy", "zero", "--scenario", "corridor", "--out", "absent", "--resume"], "no run to resume"),
    ],
)
def test_bad_input_is_refused_before_anything_is_started_or_written(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "file.yaml").write_text("family: corridoor")
    with pytest.raises(InputError, match=words):
        main(arguments)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "file.yaml"]


def test_what_only_a_worker_can_find_out_leaves_nothing_behind_either(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "checkpoint").mkdir()
    with pytest.raises(InputError, match="checkpoint"):
        main(["--policy", "./checkpoint", *QUICK, "--out", "run", "--workers", "1"])
    assert not (tmp_path / "run").exists()
    with pytest.raises(InputError):
        main(
            ["--policy", "zero", "--scenario", "corridor", "--dataset", "checkpoint", "--out", "run", "--workers", "1"]
        )
    assert not (tmp_path / "run").exists()


def test_a_data_set_that_does_not_fit_a_policy_is_refused_before_anything_is_driven(tmp_path):
    actions = np.zeros((5, 3), np.float32)
    with Hdf5Writer(tmp_path / "set", period_s=0.1, label=lambda _: "keys") as writer:
        pixels, agent_pos = np.zeros((5, 64, 64, 3), np.uint8), np.zeros((5, 6), np.float32)
        writer.add(Demonstration(None, "go", True, "expert", agent_pos, actions, actions, pixels=pixels))
    arguments = ["--scenario", "corridor", "--dataset", str(tmp_path / "set"), "--out", str(tmp_path / "run")]
    with pytest.raises(InputError, match="the scenes that it was recorded in"):
        main(["--policy", "expert", *arguments, "--workers", "1"])
    (tmp_path / "mapping.yaml").write_text("camera: front")
    with pytest.raises(InputError, match=r"mapping\.yaml, line 1: unknown camera 'front'"):
        main(["--policy", "zero", *arguments, "--mapping", str(tmp_path / "mapping.yaml")])
    assert not (tmp_path / "run").exists()


def test_a_mapping_without_a_data_set_is_refused(tmp_path):
    with pytest.raises(InputError, match="--mapping says how to read --dataset: give both, or none"):
        main(["--policy", "zero", "--scenario", "corridor", "--mapping", str(tmp_path / "mapping.yaml")])


FAILING = """
from policies.policy import PolicySpec

class Failing:
    spec = PolicySpec("failing", None, 0.1, (0.0, 0.0, 0.0))
    made = 0

    def __init__(self):
        Failing.made += 1
        assert Failing.made == 1, "made again"

    def reset(self, slots, instructions): ...

    def act(self, batch):
        raise KeyError("stats")
"""


def test_a_policy_that_fails_in_every_episode_is_bad_input_named_with_its_line_and_made_once(tmp_path, capsys):
    (tmp_path / "failing.py").write_text(FAILING)
    arguments = [*QUICK, "--policy", f"{tmp_path}/failing.py:Failing", "--episodes", "11", "--workers", "1"]
    assert main([*arguments, "--no-check", "--out", str(tmp_path / "run")]) == 2
    printed = capsys.readouterr()
    assert "failed in each of its 11 episodes: KeyError: 'stats' (failing.py:15)" in printed.err
    assert "errors of" in printed.out
    assert {row["status"] for row in read_rows(tmp_path / "run").values()} == {"policy-fault"}
    assert (tmp_path / "run/report.html").is_file()


DOUBTFUL = """
import numpy as np
from policies.policy import PolicySpec

class Tiny:
    spec = PolicySpec("tiny", None, 0.1, (0.0, 0.0, 0.0))

    def reset(self, slots, instructions): ...

    def act(self, batch):
        return np.full((len(batch.live), 3), self.speed, np.float32)

    speed = 0.1

class Undefined(Tiny):
    speed = np.nan
"""


def test_a_policy_of_ones_own_is_checked_before_it_drives(tmp_path, capsys):
    (tmp_path / "doubtful.py").write_text(DOUBTFUL)
    arguments = [*QUICK, "--episodes", "1", "--workers", "1", "--policy"]
    assert main([*arguments, f"{tmp_path}/doubtful.py:Tiny", "--out", str(tmp_path / "tiny")]) == 0
    assert "doubtful.py:Tiny': range: no action is above 0.1 of full speed" in capsys.readouterr().err
    undefined = [*arguments, f"{tmp_path}/doubtful.py:Undefined", "--out", str(tmp_path / "undefined")]
    with pytest.raises(InputError, match=r"breaks its contract: finite: .* NaN .*--no-check"):
        main(undefined)
    assert not (tmp_path / "undefined").exists()
    main([*undefined, "--no-check"])
    assert {row["status"] for row in read_rows(tmp_path / "undefined").values()} == {"policy-fault"}
