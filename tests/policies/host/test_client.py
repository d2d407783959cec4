"""A policy in a host: it answers as it would here, and whatever it does, the call ends with its cause."""

from __future__ import annotations

import numpy as np
import pytest

from policies.policy import ObservationBatch, PolicyFaultError
from scenarios.common.errors import InputError

from .hosts import host_processes, observe, open_policy, start, wait_until


def test_a_policy_answers_from_its_host() -> None:
    policy = open_policy("Mean")
    try:
        start(policy)
        for call in (1, 2):
            assert policy.act(observe()) == pytest.approx(np.array([[call / 100, 0.2, 0.5]] * 2))
        start(policy)
        assert policy.act(observe(value=255))[0] == pytest.approx([0.01, 1.0, 0.5])
    finally:
        policy.close()


def test_without_shared_memory_frames_are_sent(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("policies.host.shared_memory.SHARED_MEMORY", tmp_path / "missing")
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: (_ for _ in ()).throw(OSError("no space")))
    policy = open_policy("Mean")
    try:
        start(policy)
        assert policy.act(observe())[0] == pytest.approx([0.01, 0.2, 0.5])
    finally:
        policy.close()


@pytest.mark.parametrize("name", ["Infers", "InfersNested"])
def test_a_policy_in_openpi_s_way_is_asked_for_the_live_robots_in_turn(name: str) -> None:
    policy = open_policy(name)
    try:
        start(policy)
        seen = observe()
        answer = policy.act(ObservationBatch(seen.pixels, seen.agent_pos, np.array([True, False])))
        assert answer == pytest.approx(np.array([[[0.2, 0.2, 1.0]] * 2, [[0.0, 0.0, 0.0]] * 2]))
    finally:
        policy.close()


def test_a_policy_that_writes_into_its_inputs_changes_none_of_ours() -> None:
    policy = open_policy("Writes")
    try:
        start(policy)
        seen = observe()
        policy.act(seen)
        assert (seen.pixels == 51).all()
        assert seen.live.all()
        assert (seen.agent_pos == 0.5).all()
    finally:
        policy.close()


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("RaisesEvilStr", "EvilStr (hosted_policies.py:"),
        ("RaisesSurrogates", "ValueError: bad file \\udcff \\ud800 (hosted_policies.py:"),
        ("Leaves", "SystemExit: lost the policy server (hosted_policies.py:"),
        ("Interrupts", "KeyboardInterrupt (hosted_policies.py:"),
        ("ExitsHard", "its process ended (exit code 3)"),
        ("ExitsInReset", "its process ended (exit code 4)"),
        ("Segfaults", "its process ended (killed by SIGSEGV)"),
        ("Aborts", "its process ended (killed by SIGABRT)"),
        ("ClosesDescriptors", "its process ended (exit code 1: OSError: [Errno 9] Bad file descriptor)"),
        ("Hangs", "the policy did not return within 2 s"),
        ("HangsInReset", "the policy did not return within 2 s"),
        ("HangsInArray", "the policy did not return within 2 s"),
        ("WritesToConnections", "the policy did not return within 2 s"),
        ("LeavesAChildBehind", "its process ended (exit code 5)"),
        ("NotNumbers", "ValueError: "),
        ("ReturnsNothing", "TypeError: act returned a NoneType, not an array of actions"),
        ("InfersAnArray", "TypeError: infer returned a ndarray, not a dictionary with 'actions'"),
        ("TooLarge", "ValueError: act returned shape (536870912,), which is too large to be actions"),
    ],
)
def test_whatever_a_policy_does_its_call_ends_with_the_cause(name, cause) -> None:
    before = host_processes()
    policy = open_policy(name, timeout_s=2.0 if "did not return" in cause else 60.0)

    def drive() -> None:
        start(policy)
        policy.act(observe())

    with pytest.raises(PolicyFaultError) as caught:
        drive()
    assert str(caught.value).startswith(cause)
    policy.close()
    assert wait_until(lambda: host_processes() <= before)


@pytest.mark.parametrize("name", ["Nan", "ChangesItsProcess", "Multiplies", "Prints"])
def test_what_only_concerns_itself_is_let_be(name) -> None:
    policy = open_policy(name)
    start(policy)
    assert policy.act(observe()).shape == (2, 3)
    policy.close()


def test_a_policy_that_ended_its_host_is_started_again_for_its_next_episodes() -> None:
    policy = open_policy("ExitsHard")
    try:
        for _ in range(2):
            start(policy)
            with pytest.raises(PolicyFaultError, match="exit code 3"):
                policy.act(observe())
            with pytest.raises(PolicyFaultError, match="ended in the middle of the episode"):
                policy.act(observe())
    finally:
        policy.close()


def test_generators_begin_with_the_given_seed() -> None:
    policy = open_policy("Draws")
    try:
        drawn = []
        for seed in (5, 6, 5):
            policy.seed = seed
            start(policy)
            drawn.append(policy.act(observe())[0, 1:].tolist())
        assert drawn[0] == drawn[2] != drawn[1]
        expected = np.random.RandomState(5).random_sample()
        assert drawn[0][1] == pytest.approx(expected)
    finally:
        policy.close()


def test_the_number_of_slots_changes_with_the_session() -> None:
    policy = open_policy("Mean")
    try:
        start(policy, slots=1)
        assert policy.act(observe(1)).shape == (1, 3)
        policy.end_session()
        start(policy, slots=3)
        assert policy.act(observe(3)).shape == (3, 3)
    finally:
        policy.close()


def test_runtimes_of_our_own_networks_are_refused() -> None:
    from policies.policy import InferenceRuntime

    policy = open_policy("Base")
    policy.apply_runtime(InferenceRuntime(device="cuda"))
    with pytest.raises(InputError, match="omit --compile export"):
        policy.apply_runtime(InferenceRuntime(compile="export"))
    policy.close()
