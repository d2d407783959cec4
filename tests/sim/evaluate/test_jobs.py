"""Laws of what a worker does."""

from __future__ import annotations

import contextlib
from dataclasses import asdict

import pytest

from policies.registry import make_policy
from policies.scripted.baselines import RandomPolicy
from sim.evaluate.jobs import EvaluationJobs, hash_weights
from sim.results.plan import Block, Cell


class Unwatched:
    """A heartbeat that nobody listens to."""

    def in_policy(self):
        return contextlib.nullcontext()


def test_a_row_is_sent_once_and_the_result_says_what_was_filmed(tmp_path):
    jobs = EvaluationJobs({"renderer": "auto", "video": "failures"}, Unwatched())
    sent = []
    block = asdict(Block(Cell("straight", "corridor"), 3, 0, 2))
    result = jobs.do("block", {"block": block, "out": str(tmp_path), "latency_s": 0.0}, sent.append)
    jobs._simulations().close()
    assert sorted(row["episode"] for row in sent) == [0, 1]
    assert result == {"filmed": [0, *[row["episode"] for row in sent if row["episode"] == 1 and not row["success"]]]}
    assert len(list((tmp_path / "videos").iterdir())) == len(result["filmed"])


@pytest.mark.parametrize("policy", ["zero", "expert"])
def test_a_policy_is_timed_on_a_robot_s_first_view(policy):
    bench = EvaluationJobs({"renderer": "auto", "video": "none"}, Unwatched())
    found = bench.do("time", {"policy": policy, "scenario": "corridor", "suite_seed": 3}, lambda part: None)
    assert 0.0 < found["latency_s"] < 0.1
    bench._simulations().close()


def test_the_weights_hash_is_what_the_policy_states_and_scripts_have_none():
    class Weighted(RandomPolicy):
        weights_sha256 = "ab12"

        def apply_runtime(self, runtime) -> None: ...

    assert hash_weights(Weighted()) == "ab12"
    assert hash_weights(make_policy("zero")) is None
