"""What a command names is found and linked at the same place; nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.workers.cluster.inputs import find_inputs, link_inputs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("runs/net/weights", "hall.yaml", "mine/policy.py", "mine/helper.py", "mine/notes.txt", "other/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("runs/net", ["runs/net"]),
        ("lerobot:runs/net", ["runs/net"]),
        ("hall.yaml", ["hall.yaml"]),
        ("mine/policy.py:Policy", ["mine/helper.py", "mine/policy.py"]),
        ("straight", []),
        ("ws://127.0.0.1:8000", []),
        ("package.module:Policy", []),
        ("../hall.yaml", []),
        ("{folder}/hall.yaml", []),
        (".", []),
        ("", []),
    ],
)
def test_a_name_stands_for_what_lies_below_the_current_folder(folder, name, found):
    assert find_inputs([name.format(folder=folder)] * 2) == [Path(each) for each in found]


def test_inputs_have_the_same_place_in_the_folder_that_is_sent(folder, tmp_path_factory):
    sent = tmp_path_factory.mktemp("sent")
    link_inputs([Path("runs/net/weights"), Path("runs/net"), Path("mine/policy.py")], sent)
    assert (sent / "runs/net/weights").read_text() == "runs/net/weights"
    assert (sent / "mine/policy.py").read_text() == "mine/policy.py"
    assert sorted(path.name for path in (sent / "mine").iterdir()) == ["policy.py"]
