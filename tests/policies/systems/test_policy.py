from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from policies.inference.runtime import apply_runtime
from policies.policy import InferenceRuntime, ObservationBatch
from policies.systems.policy import SystemPolicy
from policies.systems.table import SYSTEMS


def test_actions_are_float32_in_range_one_row_per_slot(name, policy_of, batch) -> None:
    actions = policy_of(name).act(batch(0))
    assert actions.shape == (3, 3)
    assert actions.dtype == np.float32
    assert np.abs(actions).max() <= 1.0


def test_a_system_of_two_axes_never_turns_and_one_of_three_does(name, policy_of, batch) -> None:
    turned = policy_of(name).act(batch(0))[:, 2]
    assert (turned == 0.0).all() == (SYSTEMS[name].axes == 2)


def test_a_slot_depends_on_its_own_frames_and_words_alone(name, policy_of, batch) -> None:
    one, other = policy_of(name), policy_of(name)
    other.reset([0, 2], ["find the yellow ball"] * 2)
    for step in range(3):
        frames = batch(step)
        changed = batch(100 + step)
        changed.pixels[1] = frames.pixels[1]
        assert np.array_equal(one.act(frames)[1], other.act(changed)[1])


def test_a_slot_that_is_asked_now_and_then_answers_as_if_alone(name, policy_of, batch, instructions) -> None:
    policy = policy_of(name)
    shared = policy.share()
    shared.reset(range(3), instructions)
    for step in range(4):
        both, live = batch(step), np.array([True, step % 2 == 0, True])
        answer = shared.act(replace(both, live=live))
        if live[1]:
            assert np.array_equal(answer[1], policy.act(both)[1])


def test_resetting_a_slot_makes_it_forget_and_leaves_the_others(name, policy_of, batch, instructions) -> None:
    policy, fresh, kept = policy_of(name), policy_of(name), policy_of(name)
    for step in range(2):
        policy.act(batch(step))
        kept.act(batch(step))
    policy.reset([2], instructions[2:])
    answer, undisturbed = policy.act(batch(9)), kept.act(batch(9))
    assert np.array_equal(answer[2], fresh.act(batch(9))[2])
    assert np.array_equal(answer[:2], undisturbed[:2])


def test_what_was_seen_before_counts_unless_the_window_is_one_frame(name, policy_of, batch) -> None:
    policy, fresh = policy_of(name), policy_of(name)
    policy.act(batch(0))
    remembers = not np.array_equal(policy.act(batch(1)), fresh.act(batch(1)))
    row = SYSTEMS[name]
    assert remembers == (row.window != 1)
    assert policy.spec.history == row.window


def test_the_instruction_counts_unless_no_text_reaches_the_head(name, policy_of, batch) -> None:
    frames = batch(0)
    alike = replace(frames, pixels=np.repeat(frames.pixels[:1], 3, axis=0))
    answers = np.unique(policy_of(name).act(alike), axis=0)
    assert len(answers) == (1 if name in ("mobile-vla", "wordless") else 3)


def test_a_slot_that_was_never_begun_disturbs_no_other(policy_of, backbones, system_of, batch) -> None:
    policy = SystemPolicy(system_of("enhanced-norm"), backbones, "late")
    policy.reset([2], ["find the green barrel"])
    assert np.isfinite(policy.act(batch(0))).all()


def test_blending_averages_what_earlier_frames_foresaw(policy_of, system_of, backbones, batch, monkeypatch) -> None:
    blended = policy_of("advanced")
    monkeypatch.setattr(system_of("advanced"), "row", replace(SYSTEMS["advanced"], temporal_ensembling=None))
    plain = policy_of("advanced")
    assert np.allclose(blended.act(batch(0)), plain.act(batch(0)), atol=1e-6)
    assert not np.allclose(blended.act(batch(1)), plain.act(batch(1)), atol=1e-6)


def test_the_exported_program_answers_as_the_network_does(policy_of, batch) -> None:
    eager, exported = policy_of("clip-lstm"), policy_of("clip-lstm")
    apply_runtime(exported, InferenceRuntime(compile="export"))
    assert exported.spec.runtime.endswith(" export")
    for step in range(2):
        assert np.allclose(eager.act(batch(step)), exported.act(batch(step)), atol=1e-5)


def test_the_spec_says_what_the_row_says(policy_of, backbones, system_of) -> None:
    spec = policy_of("first-frame").spec
    assert (spec.name, spec.period_s, spec.history) == ("first-frame", 0.3, 1)
    assert policy_of("robovlms").spec.chunk == 10
    kosmos2 = sum(weight.numel() for weight in backbones.kosmos2.parameters())
    assert policy_of("mobile-vla").spec.parameters == system_of("mobile-vla").parameter_count + kosmos2
    assert policy_of("simple-clip").spec.parameters == system_of("simple-clip").parameter_count


def test_a_batch_without_frames_is_refused(policy_of) -> None:
    with pytest.raises(ValueError, match="needs 'pixels'"):
        policy_of("mobile-vla").act(ObservationBatch(None, np.zeros((3, 6), np.float32), np.ones(3, bool)))
