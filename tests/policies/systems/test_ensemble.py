from __future__ import annotations

import numpy as np
import pytest

from policies.inference.runtime import apply_runtime
from policies.policy import InferenceRuntime, ObservationBatch, PolicySpec
from policies.scripted.baselines import ConstantPolicy, RandomPolicy
from policies.systems.ensemble import EnsemblePolicy
from scenarios.common.errors import InputError

BATCH = ObservationBatch(None, np.zeros((4, 6), np.float32), np.ones(4, bool))


class Recorded:
    """Answers what a generator draws."""

    def __init__(self, seed: int) -> None:
        self.spec = PolicySpec("recorded", None, 0.1, (0.0, 0.0, 0.0), parameters=10)
        self._generator = np.random.default_rng(seed)

    def reset(self, slots, instructions) -> None:
        """Nothing to forget."""

    def act(self, batch: ObservationBatch) -> np.ndarray:
        return self._generator.uniform(-1, 1, (len(batch.live), 3)).astype(np.float32)


def test_it_answers_the_weighted_mean_of_what_its_members_answer() -> None:
    members = [ConstantPolicy("forward", (1.0, 0.0, 0.0)), ConstantPolicy("left", (0.0, 1.0, -1.0))]
    actions = EnsemblePolicy(members, (0.7, 0.3), "both").act(BATCH)
    assert actions.dtype == np.float32
    assert np.allclose(actions, (0.7, 0.3, -0.3))


def test_its_error_is_never_above_the_weighted_mean_of_its_members_errors() -> None:
    weights = (0.3, 0.7)
    ensemble = EnsemblePolicy([Recorded(1), Recorded(2)], weights, "both")
    members = [Recorded(1), Recorded(2)]
    labels = np.random.default_rng(3).uniform(-1, 1, (20, 4, 3))
    below = 0
    for label in labels:
        error = np.abs(ensemble.act(BATCH) - label)
        bound = sum(w * np.abs(member.act(BATCH) - label) for w, member in zip(weights, members, strict=True))
        assert (error <= bound + 1e-6).all()
        below += int((error < bound - 1e-3).sum())
    assert below > 0  # published was the bound itself


def test_a_reset_reaches_every_member() -> None:
    ensemble, alone = EnsemblePolicy([RandomPolicy(), RandomPolicy()], (0.5, 0.5), "both"), RandomPolicy()
    for policy in (ensemble, alone):
        policy.reset(range(4), ["go"] * 4)
    assert np.allclose(ensemble.act(BATCH), alone.act(BATCH))
    for policy in (ensemble, alone):
        policy.reset([1], ["go"])
    assert np.allclose(ensemble.act(BATCH), alone.act(BATCH))


def test_its_spec_joins_those_of_its_members(policy_of) -> None:
    members = [policy_of("enhanced-norm"), policy_of("mobile-vla"), Recorded(0)]
    spec = EnsemblePolicy(members, (0.5, 0.25, 0.25), "all").spec
    assert (spec.name, spec.image_size, spec.period_s) == ("all", (224, 224), 0.1)
    assert spec.parameters == sum(member.spec.parameters for member in members)


def test_all_members_are_computed_as_was_asked_for(policy_of) -> None:
    ensemble = EnsemblePolicy([policy_of("mobile-vla"), policy_of("clip-lstm")], (0.5, 0.5), "both")
    assert ensemble.spec.runtime.endswith(" eager")
    apply_runtime(ensemble, InferenceRuntime(compile="export"))
    assert ensemble.spec.runtime.endswith(" export")
    with pytest.raises(InputError, match="has no network"):
        apply_runtime(
            EnsemblePolicy([Recorded(0), Recorded(1)], (0.5, 0.5), "none"), InferenceRuntime(compile="export")
        )


def test_its_weights_are_those_of_all_its_members_in_order(policy_of) -> None:
    members = [policy_of("mobile-vla"), policy_of("clip-lstm")]
    hashes = {
        EnsemblePolicy(given, (0.5, 0.5), "both").weights_sha256
        for given in (members, members[::-1], [members[0], Recorded(0)])
    }
    assert len(hashes) == 3
    assert None not in hashes
    assert hashes == {EnsemblePolicy(members, (0.3, 0.7), "same").weights_sha256, *hashes}


def test_members_without_weights_make_an_ensemble_without_weights() -> None:
    assert EnsemblePolicy([Recorded(0), Recorded(1)], (0.5, 0.5), "none").weights_sha256 is None


@pytest.mark.parametrize("weights", [(0.5, 0.6), (1.5, -0.5), (1.0,), (float("nan"), 0.5)])
def test_weights_that_make_no_mean_are_refused(weights) -> None:
    with pytest.raises(InputError, match="weights"):
        EnsemblePolicy([Recorded(0), Recorded(1)], weights, "both")


def test_members_whose_actions_last_differently_are_refused(policy_of) -> None:
    with pytest.raises(InputError, match="different periods"):
        EnsemblePolicy([policy_of("first-frame"), policy_of("mobile-vla")], (0.5, 0.5), "both")


def test_it_shares_its_weights_if_all_members_do() -> None:
    from policies.blind.network import build_blind_network
    from policies.blind.policy import BlindNetworkPolicy

    member = BlindNetworkPolicy(build_blind_network(("go",), 0), "blind")
    ensemble = EnsemblePolicy([member, member.share()], (0.5, 0.5), "both")
    shared = ensemble.share()
    for each in (ensemble, shared):
        each.reset(range(4), ["go"] * 4)
        each.act(BATCH)
    ensemble.act(BATCH)
    shared.reset([0], ["go"])
    assert all(own.network is member.network for own in shared.members)
    assert not np.array_equal(ensemble.act(BATCH), shared.act(BATCH))
    with pytest.raises(InputError, match="can't share"):
        EnsemblePolicy([Recorded(0)], (1.0,), "one").share()
