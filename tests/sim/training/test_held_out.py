"""Held-out episodes are those of ``sim.evaluate``, however often they are driven."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from policies.policy import ObservationBatch, PolicySpec
from policies.registry import make_policy
from scenarios.common.errors import InputError
from sim.analysis.rates import estimate_success
from sim.evaluate.__main__ import main
from sim.results import read_run
from sim.training.held_out import HeldOutEpisodes


class Broken:
    """Fails at its first action."""

    spec = PolicySpec("broken", None, 0.1, (0.0, 0.0, 0.0))

    def reset(self, slots: object, instructions: object) -> None:
        """Keep nothing."""

    def act(self, batch: ObservationBatch) -> np.ndarray:
        raise RuntimeError("no weights")


def test_every_drive_is_the_same_also_after_closing() -> None:
    held_out = HeldOutEpisodes("corridor", episodes=3)
    first = held_out.drive(make_policy("straight"))
    held_out.close()
    again = held_out.drive(make_policy("straight"))
    held_out.close()
    held_out.close()
    assert first.outcomes == again.outcomes
    assert first.success == again.success == estimate_success([each.status == "success" for each in first.outcomes])
    assert sum(first.statuses.values()) == 3
    assert first.mean_steps == pytest.approx(np.mean([each.steps for each in first.outcomes]))


@pytest.mark.slow
def test_the_episodes_and_their_ends_are_those_of_the_command(tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ["--policy", "straight", "--scenario", "clutter", "--episodes", "12", "--seed", "2000"]
    assert main([*arguments, "--video", "none", "--no-offline", "--workers", "1", "--out", str(out)]) == 0
    held_out = HeldOutEpisodes("clutter", episodes=12, seed=2000)
    outcomes = held_out.drive(make_policy("straight")).outcomes
    held_out.close()
    rows = sorted(read_run(out).rows, key=lambda row: row.episode)
    assert [(each.status, each.steps) for each in outcomes] == [(row.status, row.steps) for row in rows]


def test_a_policy_that_fails_is_no_result() -> None:
    held_out = HeldOutEpisodes("corridor", episodes=1)
    with pytest.raises(InputError, match="policy 'broken' failed on a held-out episode: RuntimeError: no weights"):
        held_out.drive(Broken())
    held_out.close()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"episodes": 0}, "0 held-out episodes tell nothing"),
        ({"scenario": "coridor"}, "unknown scenario 'coridor'"),
        ({"renderer": "vulkan"}, "unknown renderer 'vulkan'"),
    ],
)
def test_arguments_that_are_not_possible_are_named(kwargs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        HeldOutEpisodes(**kwargs)  # type: ignore[arg-type]
