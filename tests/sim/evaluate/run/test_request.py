"""Laws of what an evaluation is asked to do."""

from __future__ import annotations

import pytest

from envs import ENV_IDS
from scenarios.common.errors import InputError
from scenarios.registry import SCENARIOS
from sim.evaluate.job_kinds import EvaluationSettings
from sim.evaluate.run.request import EvaluationRequest, check_destination, make_run_plan, scenario_name
from sim.results.manifest import OfflineSettings


def test_every_environment_id_names_its_scenario():
    assert tuple(map(scenario_name, ENV_IDS)) == tuple(SCENARIOS)
    assert [scenario_name(text) for text in ("corridor", "my.yaml", "a.py:B")] == ["corridor", "my.yaml", "a.py:B"]
    with pytest.raises(InputError, match=r"of other scenes: .* write 'box-detour' or 'MobileVLA/BoxDetour-v1'"):
        scenario_name("MobileVLA/BoxDetour-v0")
    with pytest.raises(InputError, match="did you mean 'corridor'"):
        make_run_plan(["zero"], ["MobileVLA/Coridor-v1"], 1, 0)


def test_a_plan_names_each_thing_once_and_says_what_is_left_out():
    plan, left_out = make_run_plan(["zero"], ["all"], 3, 7, perturbations=["all=1"], probe=True)
    assert (plan.policies, plan.scenarios, plan.episodes, plan.suite_seed) == (("zero",), tuple(SCENARIOS), 3, 7)
    assert "instruction=3" in plan.perturbations
    assert len(plan.left_out) == len(left_out)


def test_policies_are_checked_already_and_known_by_their_labels():
    assert make_run_plan(["mine"], ["corridor"], 1, 0)[0].policies == ("mine",)


def test_the_offline_error_has_a_data_set_for_each_scenario_or_one_for_all_or_none():
    def datasets(offline):
        plan, _ = make_run_plan(["zero"], ["corridor", "rooms"], 1, 0)
        settings = EvaluationSettings("auto", "none")
        return EvaluationRequest(plan=plan, settings=settings, offline=offline, command=()).datasets

    assert datasets(OfflineSettings(True, None)) == {}
    assert datasets(OfflineSettings(False, None)) == {"corridor": None, "rooms": None}
    assert datasets(OfflineSettings(False, "/data")) == {None: "/data"}


def test_only_a_folder_can_be_resumed(tmp_path):
    check_destination(None, resume=False)
    check_destination(tmp_path / "new", resume=False)
    with pytest.raises(InputError, match="needs --out"):
        check_destination(None, resume=True)
    with pytest.raises(InputError, match="no run to resume"):
        check_destination(tmp_path / "new", resume=True)
