from __future__ import annotations

import pytest
import torch

from policies.backbones.text.prompts import Prompt
from policies.systems.finetuned_clip import FineTunedClip
from policies.systems.model_size import MIB, build_meta_backbones, count_weights, estimate_published_gib
from policies.systems.network import System
from policies.systems.table import SYSTEMS

pytestmark = pytest.mark.slow  # builds networks of full size without weights

KOSMOS2 = 1_664_485_376  # published
SIZED = [row.name for row in SYSTEMS.values() if row.published.size_gb is not None and row.head is not None]


def test_the_full_kosmos2_has_as_many_weights_as_published() -> None:
    assert sum(weight.numel() for weight in build_meta_backbones("full").kosmos2.parameters()) == KOSMOS2


@pytest.mark.parametrize("name", SIZED)
def test_full_size_files_are_as_large_as_published(name: str) -> None:
    assert estimate_published_gib(SYSTEMS[name]) == pytest.approx(SYSTEMS[name].published.size_gb, rel=0.02)


def test_clip_rows_are_that_large_only_with_the_moments_of_clip_itself() -> None:
    weights_alone = 4 * count_weights(SYSTEMS["simple-clip"], "full").total / 2**30
    assert weights_alone == pytest.approx(SYSTEMS["simple-clip"].published.size_gb / 3, rel=0.01)


def test_every_row_that_looks_through_kosmos2_takes_6_to_7_gb() -> None:
    for row in SYSTEMS.values():
        if row.head is not None and any(name.startswith("kosmos2") for name in row.features):
            size = count_weights(row, "full")
            assert size.shared >= KOSMOS2
            assert 6.0 < 4 * size.total / 2**30 < 7.0


def test_the_published_widths_are_those_of_the_full_scale() -> None:
    widths = build_meta_backbones("full").widths
    assert sum(widths[name] for name in SYSTEMS["hybrid"].features) == 4352
    assert widths["clip_vision"] + widths["clip_text"] == 768 + 512


@pytest.mark.parametrize("name", ["enhanced-norm", "simple-clip", "hybrid", "robovlms", "optimized-2d", "advanced"])
def test_every_kind_of_row_answers_at_full_scale(name: str) -> None:
    """On the "meta" device: shapes without numbers."""
    row, backbones = SYSTEMS[name], build_meta_backbones("full")
    with torch.device("meta"):
        clip = FineTunedClip(backbones.config.clip, backbones.prompts) if row.own_clip else None
        system = System(row, "full", backbones.widths, clip)
        ids = torch.zeros(2, 24, dtype=torch.int64)
        prompt = Prompt(ids, ids, torch.ones(2, dtype=torch.int64))
        found = (clip or backbones).features(torch.zeros(2, 3, 224, 224), prompt, system.features)
        answer = system({key: value[:, None] for key, value in found.items()}, system.initial_state(2))
    assert answer.actions.shape == (2, 1, row.chunk, row.axes)


def test_counting_takes_no_memory() -> None:
    assert all(weight.is_meta for weight in build_meta_backbones("full").parameters())


def test_sizes_at_compact_scale_are_those_of_what_is_built(name, system_of) -> None:
    if name != "hybrid":  # the compact hybrid is a network of its own
        assert count_weights(SYSTEMS[name], "compact").own == system_of(name).parameter_count


def test_the_compact_hybrid_holds_its_backbones(hybrid) -> None:
    size = count_weights(SYSTEMS["hybrid"], "compact")
    assert size.shared == 0
    assert size.own == pytest.approx(hybrid.parameter_count, rel=0.01)


def test_all_shipped_checkpoints_stay_within_30_mib() -> None:
    own = {
        row.checkpoint or row.name: count_weights(row, "compact").shipped_mib for row in SYSTEMS.values() if row.head
    }
    shared = 2 * sum(weight.numel() for weight in build_meta_backbones("compact").parameters()) / MIB
    assert sum(own.values()) + shared < 30.0


def test_an_ensemble_counts_its_shared_backbones_once() -> None:
    members = [count_weights(SYSTEMS[name], "compact") for name in ("enhanced-norm", "mobile-vla")]
    ensemble = count_weights(SYSTEMS["ensemble-equal"], "compact")
    assert ensemble.own == sum(member.own for member in members)
    assert ensemble.shared == max(member.shared for member in members)
