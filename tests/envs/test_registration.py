"""Every scenario family is registered once, under an id from which its name can be recovered."""

from __future__ import annotations

import re

import gymnasium as gym
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.env import MobileVLAEnv
from envs.registration import ENV_IDS, env_id, register_all
from envs.vector_env import MobileVLAVectorEnv
from scenarios.registry import SCENARIOS

names = st.from_regex(r"[a-z]+(-[a-z]+)*", fullmatch=True)


@given(name=names)
def test_an_id_is_camel_case_and_gives_the_name_back(name: str) -> None:
    match = re.fullmatch(r"MobileVLA/([A-Za-z]+)-v1", env_id(name))
    assert match is not None
    assert "-".join(part.lower() for part in re.findall("[A-Z][a-z]*", match[1])) == name


def test_ids_are_in_the_order_of_the_families() -> None:
    assert len(ENV_IDS) == len(SCENARIOS)
    assert ENV_IDS[:2] == ("MobileVLA/Corridor-v1", "MobileVLA/Doorway-v1")
    assert "MobileVLA/BoxDetour-v1" in ENV_IDS


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_family_is_registered_with_its_name(name: str) -> None:
    spec = gym.spec(env_id(name))
    assert spec.kwargs == {"scenario": name}
    assert gym.envs.registration.load_env_creator(spec.entry_point) is MobileVLAEnv
    assert gym.envs.registration.load_env_creator(spec.vector_entry_point) is MobileVLAVectorEnv


@pytest.mark.filterwarnings("ignore:.*out of date:DeprecationWarning")
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_id_of_version_0_is_refused_with_the_id_to_use(name: str) -> None:
    with pytest.raises(gym.error.DeprecatedEnv, match=f"use `{env_id(name)}` instead"):
        gym.make(env_id(name).replace("-v1", "-v0"))


def test_registering_again_replaces_nothing_and_restores_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, removed = gym.registry[ENV_IDS[0]], gym.registry[ENV_IDS[1]]
    monkeypatch.delitem(gym.registry, ENV_IDS[1])
    register_all()
    assert gym.registry[ENV_IDS[0]] is kept
    assert gym.registry[ENV_IDS[1]].kwargs == removed.kwargs
