"""Laws of a peer in its own process."""

import pytest

from sim.benchmark.peers import peer as peers
from sim.benchmark.peers.peer import Peer, RunningPeer

SCRIPT = """
def open_scene(fail):
    print("what a simulator prints")
    if fail:
        raise RuntimeError("no display")
    return {"name": "toy"}, lambda: sum(range(1000))
"""


@pytest.fixture
def toys(monkeypatch, tmp_path):
    (tmp_path / "toy.py").write_text(SCRIPT)
    (tmp_path / "serve.py").write_text((peers.SCRIPTS / "serve.py").read_text())
    monkeypatch.setattr(peers, "SCRIPTS", tmp_path)


def test_a_peer_describes_itself_and_takes_turns(toys):
    with RunningPeer(Peer("toy", "toy", {"fail": False})) as running:
        assert running.description == {"name": "toy"}
        assert running.take_turn(0.01) > 0.0
        assert running.take_turn(0.01) > 0.0


def test_a_peer_that_does_not_run_says_why_in_one_line(toys):
    with pytest.raises(RuntimeError, match=r"^toy did not run: RuntimeError: no display$"):
        RunningPeer(Peer("toy", "toy", {"fail": True}))


def test_a_peer_that_can_not_be_installed_says_why(monkeypatch):
    def refuse(requirements, folder):
        raise RuntimeError("no such package")

    monkeypatch.setattr(peers, "install_environment", refuse)
    with pytest.raises(RuntimeError, match=r"^toy did not install: no such package$"):
        RunningPeer(Peer("toy", "toy", {}, ("nonesuch",)))


def test_a_peer_without_its_library_is_not_even_installed(monkeypatch):
    monkeypatch.setattr(peers, "install_environment", lambda *_: pytest.fail("installed"))
    with pytest.raises(RuntimeError, match="needs the system library nonesuch"):
        RunningPeer(Peer("toy", "toy", {}, ("big",), library="nonesuch"))
