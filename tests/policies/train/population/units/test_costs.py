from __future__ import annotations

import pytest

from policies.train.population.units.costs import estimate_cpu_minutes, estimate_megabytes
from policies.train.population.units.plan import plan_units

UNITS = {unit.name: unit for unit in plan_units()}


@pytest.mark.parametrize("name", UNITS)
def test_every_unit_takes_some_time_and_some_space(name: str) -> None:
    assert estimate_cpu_minutes(UNITS[name]) > 0.0
    assert estimate_megabytes(UNITS[name]) > 0.0


def test_what_is_copied_takes_less_than_what_is_trained() -> None:
    trained = [estimate_cpu_minutes(unit) for unit in UNITS.values() if unit.kind == "trained"]
    copied = [estimate_cpu_minutes(unit) for unit in UNITS.values() if unit.kind not in ("trained", "onnx")]
    assert max(copied) < min(trained)


def test_more_epochs_take_longer_and_fewer_demonstrations_do_not() -> None:
    minutes = {name: estimate_cpu_minutes(unit) for name, unit in UNITS.items()}
    assert minutes["simple-lstm-1001"] == pytest.approx(5.0 * minutes["simple-lstm-3-1001"])
    few, many = (f"enhanced-norm-no-resampler-{count}-demonstrations-1001" for count in ("36", "600"))
    assert minutes[few] == minutes[many]
