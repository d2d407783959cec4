"""Laws of ``python -m sim.claims``."""

from __future__ import annotations

import json

import pytest

from policies.dataset.hdf5.writer import Hdf5Writer
from scenarios.common.errors import InputError
from sim.claims.__main__ import main
from sim.claims.published_claims import UNIT_SEEDS

from ..offline.recorded import demonstration
from .unit_runs import write_run


def test_the_published_table_is_audited_by_its_name(capsys):
    assert main(["--audit", "published"]) == 0
    assert "the labels of the published recordings" in capsys.readouterr().out


def test_any_table_is_audited(tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("system,mae\nmine,0.05\n")
    assert main(["--audit", str(tmp_path / "mine.csv")]) == 0
    assert "1 of 1 errors beat every baseline" in capsys.readouterr().out


def test_an_audit_is_written_as_json(tmp_path):
    (tmp_path / "mine.csv").write_text("system,mae,frames\nmine,0.05,\nother,0.3,middle\n")
    main(["--audit", str(tmp_path / "mine.csv"), "--out", str(tmp_path / "audit.json")])
    mine, other = json.loads((tmp_path / "audit.json").read_text())["audit"]
    assert (mine["system"], mine["verdict"], mine["beaten"], mine["readings"]) == (
        "mine",
        "beats every baseline",
        12,
        12,
    )
    assert "MAE, 2-D, raw, all frames" in mine["won"]
    assert (other["verdict"], other["readings"]) == (None, 0)


def test_bad_input_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="--mapping says how to read --dataset"):
        main(["--audit", "published", "--mapping", "x.yaml"])
    with pytest.raises(InputError, match="--dataset is for --audit"):
        main(["--dataset", "x"])
    with pytest.raises(InputError, match="leave out the claims"):
        main(["resampler", "--audit", "published"])
    with pytest.raises(InputError, match="unknown claim 'resamplr': did you mean 'resampler'"):
        main(["resamplr"])
    with pytest.raises(InputError, match="folder not found"):
        main(["--audit", "published", "--dataset", str(tmp_path / "none")])
    with pytest.raises(InputError, match=r"--results '.*none': folder not found"):
        main(["--results", str(tmp_path / "none")])


@pytest.mark.parametrize(
    ("error", "verdict"), [("0.24", "1 of 1 errors beat every"), ("0.26", "1 are worse than the best one")]
)
def test_a_table_is_audited_on_the_labels_of_a_data_set(tmp_path, capsys, error, verdict):
    with Hdf5Writer(tmp_path / "keys") as writer:
        writer.add(demonstration([[0, 0, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]], size=32))
    (tmp_path / "mine.csv").write_text(f"system,mae,unit,axes,frames\nmine,{error},normalised,2,all\n")
    main(["--audit", str(tmp_path / "mine.csv"), "--dataset", str(tmp_path / "keys")])
    assert verdict in capsys.readouterr().out  # the median and holding the last action have 0.25


def test_without_the_population_s_results_the_command_says_what_makes_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"'runs/population-results' has no results .* policies.train population"):
        main([])


def test_results_without_a_claim_s_units_are_refused(tmp_path):
    write_run(tmp_path / "run", {"enhanced-norm-1000": {}})
    with pytest.raises(InputError, match=r"no pair of units .* only enhanced-norm-1000: train it by"):
        main(["resampler", "--results", str(tmp_path / "run")])


def test_claims_are_answered_from_runs(tmp_path, capsys):
    wins = {f"pop/enhanced-norm-{seed}": set(range(20)) for seed in UNIT_SEEDS}
    losses = {f"pop/enhanced-norm-no-resampler-{seed}": {seed % 7} for seed in UNIT_SEEDS}
    write_run(tmp_path / "run", {**wins, **losses})
    out = tmp_path / "answers.json"
    assert main(["resampler", "yaw", "--results", str(tmp_path / "run"), "--out", str(out)]) == 0
    written = json.loads(out.read_text())["claims"]
    assert written["resampler"]["published"] == [-0.16, -0.02]
    assert written["resampler"]["pairs"][0]["success_verdict"] == "confirmed"
    assert written["resampler"]["pairs"][0]["success"]["seeds"] == 3
    assert written["yaw"]["pairs"][0]["mae"] is None
    text = capsys.readouterr().out
    assert "in MAE cannot tell, in success confirmed" in text
    assert (
        "cannot tell, as enhanced-norm-no-resampler-2d and enhanced-norm-no-resampler have no results of equal seeds"
        in text
    )
    assert "-0.16 to -0.02" in text
