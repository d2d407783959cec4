from __future__ import annotations

import pytest

from policies.scripted.plans import Plan, load_plans, save_plans
from policies.train.blind import __main__ as command
from policies.train.blind.families import FoundPlan
from scenarios.common.errors import InputError


@pytest.fixture
def quick(monkeypatch) -> None:
    plan = Plan(((1.0, 0.0),), won=3, scenes=10)
    monkeypatch.setattr(command, "search_named", lambda name, count: [FoundPlan(f"{name} left", plan, 2, 8)])


def test_it_replaces_the_plans_of_the_named_families_and_says_how_good_they_are(quick, tmp_path, capsys) -> None:
    save_plans({"corridor": Plan(((2.0, 0.0),)), "rooms old": Plan(((3.0, 0.0),))}, tmp_path)
    assert command.main(["rooms", "--scenes", "10", "--out", str(tmp_path)]) == 0
    assert set(load_plans(tmp_path)) == {"corridor", "rooms left"}
    printed = capsys.readouterr().out
    assert "rooms left: 3/10 training scenes, 2/8 validation scenes" in printed
    assert "rooms: 2/8 validation scenes, 25.0 %" in printed


def test_an_unknown_family_is_one_sentence(tmp_path) -> None:
    with pytest.raises(InputError, match="did you mean 'rooms'"):
        command.main(["roms", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
