"""Folders of made-up results of units, as the commands leave them."""

from __future__ import annotations

import json

from sim.agreement.collection.unit_facts import UnitFacts
from sim.offline.metrics.evidence import Cost
from sim.offline.metrics.score import ContestEntry, MetricScore
from sim.results.codec import to_json
from sim.results.summary.offline_score import OfflineScore


def make_facts(name, *, seed=1000, step=1, kind="trained", **others):
    family = name.rsplit("-", 1)[0]
    facts = {"family": family, "recipe": family, "policy": name} | others
    return UnitFacts(name=name, kind=kind, training_seed=seed, training_step=step, **facts)


def make_score(metric, values, *, unavailable=None, seconds=2.0):
    return MetricScore(
        *(metric, metric, "", "smaller", ("labels",), "ours", Cost(frames=10, seconds=seconds)),
        episodes=tuple(values),
        unavailable=unavailable,
    )


def write_scores(file, unit, scores, mae=(0.1, 0.3)):
    offline = OfflineScore(unit, "corridor", "set", episode_mae=tuple(mae), episode_frames=(10,) * len(mae))
    entry = ContestEntry(unit, "corridor", "set", tuple(scores))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"offline": to_json([offline]), "metrics": to_json([entry])}))
