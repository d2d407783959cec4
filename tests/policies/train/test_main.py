from __future__ import annotations

import pytest

from policies.systems.table import SYSTEMS
from policies.train.__main__ import NAMES, main
from policies.train.loop.run_config import save_or_verify_config
from scenarios.common.errors import InputError


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["hybird"], "did you mean 'hybrid'"),
        (["hybrid", "--datasets", "/nowhere/at/all"], "/nowhere/at/all"),
        (["hybrid", "--init", "somewhere"], "--datasets"),
        (["hybrid", "--mapping", "map.yaml"], "--mapping says how to read --datasets"),
        (["simple-lstm", "--datasets", "somewhere"], "not 'simple-lstm'"),
        (["simple-lstn"], "did you mean 'simple-lstm'"),
        (["ensemble-best"], "train 'hybrid' and 'mobile-vla'"),
        (["hybrid-onnx"], "policies.export"),
        (["hybrid", "--epochs", "0"], "at least 1"),
        (["hybrid", "--epochs", "-1"], "at least 1"),
        (["hybrid", "--epochs", "many"], "is not a whole number"),
        (["hybrid", "--device", "cpd"], "did you mean 'cpu'"),
        (["backbones", "--epochs", "1"], "a single policy, not to 'backbones'"),
        (["all", "--epochs", "1"], "a single policy, not to 'all'"),
        (["population", "--epochs", "1"], "a single policy, not to 'population'"),
        (["population", "--units", "hybird-*"], "--units 'hybird-*' matches no unit"),
        (["all", "--units", "hybrid-*"], "--units and --list are of the population, not of 'all'"),
        (["hybrid", "--list"], "--units and --list are of the population, not of 'hybrid'"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(arguments, sentence, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as raised:
        main(arguments)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_an_out_that_is_a_file_is_bad_input(tmp_path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        main(["hybrid", "--out", str(tmp_path / "out")])


def test_an_earlier_run_is_not_overwritten_without_resume(tmp_path) -> None:
    (tmp_path / "pretrained").mkdir()
    with pytest.raises(InputError, match="--resume"):
        main(["hybrid", "--work", str(tmp_path), "--out", str(tmp_path / "out")])


def test_a_device_that_is_not_there_is_bad_input(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(InputError, match="--device cuda"):
        main(["simple-lstm", "--device", "cuda", "--work", str(tmp_path / "work")])
    assert list(tmp_path.iterdir()) == []


def test_every_published_system_and_checkpoint_can_be_named() -> None:
    assert {*SYSTEMS, "no-first-frame", "backbones", "blind-network", "all", "population", "reference"} == set(NAMES)
    assert len(NAMES) == len(set(NAMES))


class TestAll:
    """``all`` on stages that only note that they ran."""

    @pytest.fixture
    def ran(self, monkeypatch):
        done: list[str] = []

        def note(name: str):
            return lambda *_, **__: done.append(name)

        train = "policies.train"
        monkeypatch.setattr(f"{train}.collection.find_collector", lambda: None)
        monkeypatch.setattr(f"{train}.demonstrations.load_demonstrations", note("recording"))
        monkeypatch.setattr(f"{train}.backbones.train_backbones", note("backbones"))
        monkeypatch.setattr(f"{train}.systems.publish_backbones", lambda _, out: done.append(f"publish {out.name}"))
        monkeypatch.setattr(f"{train}.hybrid.train_cloned_hybrid", note("cloning"))
        monkeypatch.setattr(f"{train}.systems.prepare_systems", note("features"))
        monkeypatch.setattr(f"{train}.hybrid.train_hybrid", lambda _, out, __: done.append(out.name))
        monkeypatch.setattr(f"{train}.systems.train_named", lambda name, _, out, *__: done.append(out.name))
        monkeypatch.setattr(f"{train}.blind.network.train_blind_network", lambda _, out, *__: done.append(out.name))
        monkeypatch.setattr(f"{train}.blind.families.search_all", lambda out, _: done.append(out.name))
        monkeypatch.setattr(f"{train}.__main__.export_rows", note("export"))
        monkeypatch.setattr(
            f"{train}.reference.training.train_reference", lambda *_, epochs: done.append(f"reference {epochs}")
        )
        monkeypatch.setattr(
            f"{train}.population.building.build_population", lambda units, *_: done.extend(one.name for one in units)
        )
        return done

    def test_each_checkpoint_is_made_once_after_what_it_needs(self, ran, tmp_path) -> None:
        folders = ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")]
        assert main(["all", "--threads", "1", *folders]) == 0
        assert ran[:6] == ["recording", "backbones", "publish backbones", "cloning", "features", "hybrid"]
        systems = {row.checkpoint or name for name, row in SYSTEMS.items() if row.head} - {"hybrid"}
        assert sorted(ran[6:-1]) == sorted({*systems, "blind", "blind-network"})
        assert ran[-1] == "export"

    def test_the_time_of_each_stage_is_logged_in_the_work_folder(self, ran, tmp_path) -> None:
        main(["all", "--threads", "1", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")])
        rows = (tmp_path / "work" / "stages.csv").read_text().splitlines()
        assert [row.split(",")[0] for row in rows] == [
            *("stage", "recording", "backbones", "cloning", "features", "policies", "export", "whole run")
        ]

    def test_one_system_trains_that_one_alone(self, ran, tmp_path) -> None:
        assert main(["no-first-frame-middle", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "mine")]) == 0
        assert ran == ["recording", "backbones", "mine"]

    def test_the_network_without_images_trains_alone(self, ran, tmp_path) -> None:
        assert main(["blind-network", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "mine")]) == 0
        assert ran == ["recording", "backbones", "mine"]

    def test_the_reference_needs_neither_demonstrations_nor_backbones(self, ran, tmp_path, capsys) -> None:
        folders = ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "mine")]
        assert main(["reference", "--epochs", "2", *folders]) == 0
        assert ran == ["reference 2"]
        assert "labelled views of 8 families" in " ".join(capsys.readouterr().err.split())

    def test_a_part_of_the_population_is_made_with_what_it_needs(self, ran, tmp_path, capsys) -> None:
        folders = ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "mine")]
        assert main(["population", "--units", "ensemble-lstm-100[01]", *folders]) == 0
        assert ran[:2] == ["recording", "backbones"]
        assert sorted(ran[2:]) == sorted(
            [f"{name}-{seed}" for name in ("ensemble-lstm", "enhanced-norm", "mobile-vla") for seed in (1000, 1001)]
        )
        printed = " ".join(capsys.readouterr().err.split())
        assert "The population: 6 units (4 trained, 2 ensemble) of 2 families with 2 training seeds" in printed
        assert "CPU hours" in printed

    def test_the_units_are_listed_and_nothing_is_trained(self, ran, tmp_path, capsys, monkeypatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert main(["population", "--list", "--units", "yaw"]) == 0
        assert ran == []
        assert "enhanced-norm-no-resampler-2d-1002" in capsys.readouterr().out
        assert list(tmp_path.iterdir()) == []

    def test_what_out_contains_is_not_overwritten_without_resume(self, ran, tmp_path) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "config.json").write_text("{}")
        with pytest.raises(InputError, match="--out"):
            main(["simple-lstm", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "mine")])
        assert ran == []
        assert not (tmp_path / "work").exists()

    def test_a_run_on_own_data_is_never_overwritten(self, ran, tmp_path) -> None:
        save_or_verify_config(tmp_path / "mine", {"data sets": ["mine"]})
        with pytest.raises(InputError, match="custom data sets"):
            main(["hybrid", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "mine"), "--resume"])
        assert ran == []

    def test_a_work_folder_that_no_run_left_is_not_resumed(self, ran, tmp_path) -> None:
        (tmp_path / "work" / "cloned").mkdir(parents=True)
        with pytest.raises(InputError, match="does not contain a run that can be resumed: choose another --work"):
            main(["hybrid", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "hybrid"), "--resume"])
        assert ran == []

    def test_the_recipe_of_a_work_folder_stays(self, ran, tmp_path) -> None:
        work = ["--work", str(tmp_path / "work")]
        main(["hybrid", "--epochs", "1", *work, "--out", str(tmp_path / "hybrid")])
        with pytest.raises(InputError, match=r"started with cloning\.course\.epochs 1, not 6"):
            main(["simple-lstm", *work, "--out", str(tmp_path / "simple-lstm"), "--resume"])

    def test_epochs_of_a_system_leave_the_hybrid_as_it_is(self, ran, tmp_path) -> None:
        work = ["--work", str(tmp_path / "work")]
        main(["simple-lstm", "--epochs", "1", *work, "--out", str(tmp_path / "simple-lstm")])
        main(["hybrid", *work, "--out", str(tmp_path / "hybrid"), "--resume"])

    def test_the_run_is_described_before_it_starts(self, ran, monkeypatch, capsys, tmp_path) -> None:
        def fail(*_: object) -> None:
            raise InputError("no camera")

        monkeypatch.setattr("policies.train.demonstrations.load_demonstrations", fail)
        with pytest.raises(InputError, match="no camera"):
            main(["hybrid", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "hybrid")])
        printed = " ".join(capsys.readouterr().err.split())
        assert "2400 expert, 80 validation, 960 DAgger episodes of 8 families" in printed
        assert "95 minutes" in printed

    def test_a_start_that_fails_does_not_block_the_next(self, ran, monkeypatch, tmp_path) -> None:
        arguments = ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")]

        def fail(recipe, run) -> None:
            (run.work / "data").mkdir()
            (run.work / "data" / "corridor.log").write_text("no camera")
            raise InputError("no camera")

        with monkeypatch.context() as patched:
            patched.setattr("policies.train.demonstrations.load_demonstrations", fail)
            with pytest.raises(InputError, match="no camera"):
                main(["hybrid", "--epochs", "1", *arguments])
        assert main(["hybrid", *arguments]) == 0

    def test_an_installation_that_cannot_record_leaves_nothing(self, ran, monkeypatch, tmp_path) -> None:
        def missing() -> None:
            raise InputError("no collector of demonstrations is installed")

        monkeypatch.setattr("policies.train.collection.find_collector", missing)
        with pytest.raises(InputError, match="no collector"):
            main(["hybrid", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")])
        assert list(tmp_path.iterdir()) == []
