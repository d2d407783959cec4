"""Laws of the conditions of an episode."""

from __future__ import annotations

from dataclasses import asdict

from scenarios.world.conditions import Conditions


def test_the_defaults_add_nothing_and_multiply_by_one() -> None:
    found = asdict(Conditions())
    parts = {**found, **found["mount"], **found["image"], **found["actuation"]}
    factors = {"fov_factor": 1.0, "gain": (1.0, 1.0, 1.0), "period_factor": 1}
    assert {name: parts.pop(name) for name in factors} == factors
    numbers = [value for value in parts.values() if not isinstance(value, dict)]
    assert {each for value in numbers for each in (value if isinstance(value, tuple) else (value,))} == {0}
