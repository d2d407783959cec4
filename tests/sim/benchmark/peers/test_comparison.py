"""Laws of the comparison with other simulators."""

import pytest

from sim.benchmark.peers import comparison
from sim.benchmark.peers.comparison import COMPARISONS, Comparison, measure_peers
from sim.benchmark.peers.peer import SCRIPTS, Peer

RATES = {"ours": [100.0, 10.0, 100.0], "slow": [50.0, 5.0, 20.0]}  # steps a second, of each turn


class Toy:
    """A peer whose rates are given."""

    def __init__(self, peer):
        if peer.name == "broken":
            raise RuntimeError("broken did not run: no display")
        self._rates = iter(RATES[peer.name])
        self.description = {"name": peer.name, "device": "none", "triangles": 1200}

    def take_turn(self, seconds):
        return next(self._rates)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_ours_is_measured_relative_to_each_that_runs_and_the_others_are_reported(monkeypatch):
    monkeypatch.setattr(comparison, "RunningPeer", Toy)
    ours, broken, slow = (Peer(name, "", {}) for name in ("ours", "broken", "slow"))
    reasons = []
    mine, theirs = measure_peers(3, reasons.append, (Comparison(ours, (broken, slow)),))
    assert reasons == ["broken did not run: no display"]
    assert (mine.value, mine.ratio) == (100.0, None)
    assert (theirs.value, theirs.ratio) == (20.0, pytest.approx(2.0))
    assert theirs.name == "slow, 224x224, 1,200 triangles; none"


def test_every_peer_has_a_script():
    for ours, others in COMPARISONS:
        for peer in (ours, *others):
            assert (SCRIPTS / f"{peer.script}.py").is_file()
