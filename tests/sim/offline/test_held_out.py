import pytest

from sim.offline.held_out import HELD_OUT_SEED, default_cache_dir, ensure_held_out


def test_held_out_sets_are_made_once_and_whole(tmp_path, monkeypatch):
    made = []

    def fake_record(plan, out, workers):
        made.append(plan)
        out.mkdir()
        (out / "data").write_text("x")

    monkeypatch.setattr("sim.record.dataset.record_dataset", fake_record)
    first = ensure_held_out("corridor", tmp_path)
    assert ensure_held_out("corridor", tmp_path) == first
    assert (first / "data").read_text() == "x"
    assert len(made) == 1
    assert made[0].suite_seed == HELD_OUT_SEED
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [first]


def test_a_failed_recording_leaves_nothing_that_looks_like_a_set(tmp_path, monkeypatch):
    def broken(plan, out, workers):
        out.mkdir()
        raise RuntimeError("no")

    monkeypatch.setattr("sim.record.dataset.record_dataset", broken)
    with pytest.raises(RuntimeError):
        ensure_held_out("corridor", tmp_path)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_changed_code_makes_another_set(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.record.dataset.record_dataset", lambda plan, out, workers: out.mkdir())
    first = ensure_held_out("corridor", tmp_path)
    monkeypatch.setattr("sim.offline.held_out._code_hash", lambda: "other")
    assert ensure_held_out("corridor", tmp_path) != first


def test_the_cache_folder_follows_its_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILE_VLA_CACHE", str(tmp_path))
    assert default_cache_dir() == tmp_path
    monkeypatch.delenv("MOBILE_VLA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "mobile-vla-sim"
