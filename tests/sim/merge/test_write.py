"""Laws of the files of a merged run."""

from __future__ import annotations

import os
from dataclasses import replace

from parts_of_a_run import RUN

from sim.merge.write import find_datasets, link_file
from sim.results.manifest import OfflineSettings


def test_a_video_gets_a_second_name_and_is_copied_where_that_is_not_possible(tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.write_text("film")
    link_file(source, tmp_path / "linked")
    assert (tmp_path / "linked").samefile(source)

    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    link_file(source, tmp_path / "copied")
    assert (tmp_path / "copied").read_text() == "film"
    assert not (tmp_path / "copied").samefile(source)
    link_file(tmp_path / "lost", tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_data_sets_are_those_of_the_manifest():
    assert find_datasets(RUN) == {"corridor": None}
    assert find_datasets(replace(RUN, offline=OfflineSettings(True, None))) == {}
    assert find_datasets(replace(RUN, offline=OfflineSettings(False, "/data"))) == {None: "/data"}
