from __future__ import annotations

from dataclasses import replace

import pytest

from policies.registry import make_policy
from sim.benchmark.gpu import networks
from sim.benchmark.gpu.limits import DeviceLimits
from sim.benchmark.gpu.networks import FrameWork, count_work, load_full_size_maker, make_noise, measure_policy_calls
from sim.benchmark.gpu.sizes import ON_CPU

LIMITS = DeviceLimits({"fp32": 1e12, "bf16": 2e12, "fp16": 2e12}, 1e9, 1e9, 1e9)


def test_the_limit_is_the_upload_and_the_slower_of_products_and_weights():
    batch = make_noise(2)
    uploaded = batch.pixels.nbytes / 1e9
    by_products = FrameWork(10**12, 100, 100)
    assert by_products.least_seconds(batch, "bf16", LIMITS) == pytest.approx(uploaded + 2 * 0.5)
    by_weights = FrameWork(1, 10**9, 10**9)
    assert by_weights.least_seconds(batch, "bf16", LIMITS) == pytest.approx(uploaded + 2 + 4)
    assert by_weights.least_seconds(batch, "fp32", LIMITS) == pytest.approx(uploaded + 4 + 4)


def test_a_frame_s_work_leaves_out_what_is_computed_once_an_episode():
    policy = make_policy("hybrid")
    work = count_work(policy)
    text = sum(weight.numel() for weight in policy.source.clip_text.parameters())
    backbones = sum(weight.numel() for weight in policy.source.parameters())
    assert 0.5 * backbones < work.backbone_weights < backbones - text
    assert 0 < work.other_weights <= policy.spec.parameters - backbones
    assert 5e7 < work.flops < 5e8


def test_every_precision_is_measured_at_every_batch_size():
    sizes = replace(ON_CPU, turn_s=0.0)
    work = FrameWork(10**6, 1000, 1000)
    found = list(measure_policy_calls(lambda: make_policy("mobile-vla"), work, (1, 2), "cpu", LIMITS, sizes))
    assert [measurement.name for measurement in found[2:]] == [
        f"mobile-vla, batch {count}, {precision}, eager" for precision in ("fp32", "bf16", "fp16") for count in (1, 2)
    ]
    assert all(measurement.ratio > 0.0 for measurement in found[2:])


def test_full_size_policies_share_their_weights(monkeypatch):
    small = make_policy("hybrid").source
    monkeypatch.setattr("policies.systems.backbone_sources.load_full_backbones", lambda sources: small)
    monkeypatch.setattr(
        "policies.systems.backbone_sources.build_full_system", lambda row, sources: make_policy("mobile-vla").system
    )
    make = load_full_size_maker()
    one, other = make(), make()
    assert one.spec.name == networks.FULL_SIZE
    assert one.source is other.source is small
