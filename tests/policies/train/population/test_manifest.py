from __future__ import annotations

import json
import shutil

import pytest

from policies.registry import make_policy
from policies.train.population.manifest import MANIFEST, hash_unit, is_made, write_manifest
from policies.train.population.units.plan import plan_units

UNITS = plan_units()
BY_NAME = {unit.name: unit for unit in UNITS}


@pytest.fixture
def population(systems, tmp_path):
    for name in ("enhanced-norm-1000", "backbones"):
        shutil.copytree(systems / name.removesuffix("-1000"), tmp_path / "out" / name)
    return tmp_path / "out"


def test_a_unit_that_is_made_has_the_hash_of_the_weights_that_drive(population) -> None:
    unit = BY_NAME["enhanced-norm-1000"]
    assert is_made(unit, population)
    assert hash_unit(unit, population).weights_sha256 == make_policy(str(population / unit.name)).weights_sha256


def test_a_unit_that_is_not_made_stays_as_planned(population) -> None:
    assert not is_made(BY_NAME["mobile-vla-1000"], population)
    assert hash_unit(BY_NAME["mobile-vla-1000"], population) == BY_NAME["mobile-vla-1000"]


def test_every_unit_of_the_plan_is_listed_once_with_its_parentage(population) -> None:
    write_manifest(UNITS, population)
    rows = json.loads((population / MANIFEST).read_text())
    assert [row["name"] for row in rows] == [unit.name for unit in UNITS]
    assert [row["name"] for row in rows if row["weights_sha256"]] == ["enhanced-norm-1000"]
    ensemble = next(row for row in rows if row["name"] == "ensemble-best-1001")
    assert ensemble["parents"] == ["hybrid-1001", "mobile-vla-1001"]
