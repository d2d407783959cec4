from __future__ import annotations

import json

import pytest

from scenarios.registry import SCENARIOS
from sim.benchmark import floors
from sim.benchmark.floors import measure_floors


@pytest.fixture
def driven(monkeypatch) -> list[tuple[str, str]]:
    """What drove where: two references, in two families, none of them in a simulation."""
    done = []

    def count(_, policy, plan) -> int:
        done.append((plan.policies[0], plan.scenarios[0]))
        return len(done)

    monkeypatch.setattr(floors, "_count_successes", count)
    monkeypatch.setattr(floors, "LACKS", {"straight": ("images", "words"), "park": ("images", "words")})
    monkeypatch.setattr(floors, "SCENARIOS", {name: SCENARIOS[name] for name in ("corridor", "rooms")})
    return done


def test_every_reference_drives_every_family_once_and_the_file_keeps_the_figures(driven, tmp_path) -> None:
    path = tmp_path / "floors.json"
    found = list(measure_floors(path, 6))
    assert [(each.name, each.value) for each in found] == [
        ("straight in corridor", 1),
        ("park in corridor", 2),
        ("straight in rooms", 3),
        ("park in rooms", 4),
    ]
    assert [each.value for each in measure_floors(path, 6)] == [1, 2, 3, 4]
    assert len(driven) == 4
    written = json.loads(path.read_text())["floors"]
    assert written[1]["successes"] == {"straight": 3, "park": 4}
    assert written[1]["spec"] == SCENARIOS["rooms"].spec_hash


def test_an_interrupted_measurement_goes_on_and_other_ranges_are_measured_anew(driven, tmp_path) -> None:
    path = tmp_path / "floors.json"
    measuring = measure_floors(path, 6)
    next(measuring)
    measuring.close()
    list(measure_floors(path, 6))
    assert driven.count(("straight", "corridor")) == 1
    written = json.loads(path.read_text())
    written["floors"][0]["spec"] = "another"
    path.write_text(json.dumps(written))
    list(measure_floors(path, 6))
    assert driven.count(("straight", "corridor")) == 2
    assert driven.count(("straight", "rooms")) == 1


def test_a_reference_without_a_checkpoint_is_left_out(driven, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(floors, "LACKS", {"straight": ("images",), "blind-network": ("images",)})
    monkeypatch.setattr("policies.names.shipped.CHECKPOINTS", tmp_path / "none")
    list(measure_floors(tmp_path / "floors.json", 6))
    assert driven == [("straight", "corridor"), ("straight", "rooms")]
    assert "'blind-network' has no checkpoint" in capsys.readouterr().err


def test_successes_are_counted_in_the_simulation() -> None:
    from envs.simulation.lockstep import Lockstep
    from policies.registry import make_policy
    from sim.results.plan import BLOCK_EPISODES, RunPlan

    lockstep = Lockstep(BLOCK_EPISODES)
    try:
        plan = RunPlan(("zero",), ("corridor",), 2, floors.SEED)
        assert floors._count_successes(lockstep, make_policy("zero"), plan) == 0
    finally:
        lockstep.close()
