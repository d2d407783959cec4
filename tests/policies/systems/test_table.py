from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from policies.backbones.backbones import FEATURES
from policies.systems.table import PUBLISHED, SYSTEMS, find_trained_rows, name_family

IDS = [
    "enhanced-norm",
    "enhanced-2d",
    "clip-lstm",
    "enhanced-basic",
    "mobile-vla",
    "simple-clip",
    "clip-augmented",
    "hybrid",
    "hybrid-onnx",
    "simple-lstm",
    "robovlms",
    "optimized-2d",
    "first-frame",
    "no-first-frame-random",
    "no-first-frame-middle",
    "advanced",
    "ensemble-best",
    "ensemble-lstm",
    "ensemble-equal",
    "ensemble-performance",
    "ensemble-mlp",
]


def test_rows_of_one_architecture_are_one_family() -> None:
    """They differ in training, or in a part that is left out."""
    families = {name: name_family(row) for name, row in find_trained_rows().items()}
    assert {name: family for name, family in families.items() if name != family} == {
        "enhanced-2d": "enhanced-norm",
        "enhanced-basic": "enhanced-norm",
        "clip-augmented": "simple-clip",
        "clip-augmented-published": "simple-clip",
        "simple-lstm-3": "simple-lstm",
        "no-first-frame": "first-frame",
    }
    assert name_family(replace(SYSTEMS["enhanced-2d"], head=None)) == "enhanced-norm"  # a changed row


def test_the_published_rows_are_the_21_in_their_published_order() -> None:
    assert list(PUBLISHED) == IDS
    assert set(SYSTEMS) - set(PUBLISHED) == {"simple-lstm-3", "clip-augmented-published", "wordless"}


def test_a_row_has_a_network_or_is_made_of_rows_that_have_one() -> None:
    for row in SYSTEMS.values():
        made_of = [name for name, _ in row.members] + [row.export_of] * bool(row.export_of)
        assert (row.head is None) == bool(made_of)
        assert all(SYSTEMS[name].head is not None for name in made_of)
        assert not row.members or sum(weight for _, weight in row.members) == pytest.approx(1.0)


def test_a_row_with_a_network_says_how_it_is_fed_and_trained() -> None:
    for row in SYSTEMS.values():
        if row.head is not None:
            assert row.features
            assert set(row.features) <= set(FEATURES)
            assert row.epochs > 0
        assert row.deviations


def test_pairs_that_test_a_claim_differ_in_what_is_claimed_alone() -> None:
    def fields(name: str, *but: str) -> dict[str, object]:
        return {key: value for key, value in vars(SYSTEMS[name]).items() if key not in ("name", "deviations", *but)}

    assert fields("simple-lstm", "epochs", "published", "ours") == fields(
        "simple-lstm-3", "epochs", "published", "ours"
    )
    assert fields("enhanced-2d", "axes", "published") == fields("enhanced-basic", "axes", "published")
    assert fields("enhanced-norm", "normalization", "published", "epochs") == fields(
        "enhanced-basic", "normalization", "published", "epochs"
    )
    assert fields("clip-augmented", "augmentation", "ours") == fields(
        "clip-augmented-published", "augmentation", "ours"
    )
    assert fields("clip-augmented", "augmentation", "published") == fields("simple-clip", "augmentation", "published")


def test_the_two_no_first_frame_rows_are_one_model() -> None:
    random, middle = SYSTEMS["no-first-frame-random"], SYSTEMS["no-first-frame-middle"]
    assert random.checkpoint == middle.checkpoint != ""
    assert (random.head, random.features, random.epochs) == (middle.head, middle.features, middle.epochs)


def test_actions_last_as_long_as_in_the_data_that_they_were_learned_from() -> None:
    assert SYSTEMS["first-frame"].period_s == pytest.approx(0.3)
    assert SYSTEMS["enhanced-norm"].period_s == pytest.approx(0.1)


def test_reading_the_table_imports_no_torch() -> None:
    code = "import sys, policies.systems.table; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
