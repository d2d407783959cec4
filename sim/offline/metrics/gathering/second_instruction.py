"""Asks a policy on the recorded frames with an instruction that names another target or side of the same scene."""

from __future__ import annotations

import numpy as np

from policies.scripted.expert import compute_expert_action
from scenarios.navigation.planner import Planner
from scenarios.perturbations.alternative_tasks import TaskVariant, swapped_tasks
from sim.offline.dataset_checks import select_axes
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering.subject import NotAvailableError, Subject, predict_set
from sim.offline.metrics.scenes.language import SecondInstruction
from sim.offline.metrics.scenes.scene import EpisodeScene


def ask_with_second_instruction(subject: Subject, evidence: Evidence) -> tuple[SecondInstruction | None, ...]:
    """Return actions and labels under the first feasible alternative of each scene's task."""
    axes = subject.recording.mapping.axes
    if "wz" not in axes:
        raise NotAvailableError("the data set has no wz")
    variants = [next(iter(swapped_tasks(scene.world)), None) for scene in evidence.scenes]
    if not any(variants):
        raise NotAvailableError("no scene of the data set has another target or side that can be asked for")

    def reword(number: int) -> str:
        variant = variants[number]
        return subject.signals[number].instruction if variant is None else variant.instruction

    others = predict_set(subject, reword=reword).episodes
    found: list[SecondInstruction | None] = []
    for own, other, scene, variant in zip(evidence.episodes, others, evidence.scenes, variants, strict=True):
        if variant is None:
            found.append(None)
            continue
        labels = select_axes(label_variant(scene, variant), axes)
        found.append(SecondInstruction(own.labels, own.predictions, labels, other.predictions, axes.index("wz")))
    return tuple(found)


def label_variant(scene: EpisodeScene, variant: TaskVariant) -> np.ndarray:
    """Return the expert's actions (t, 3) in the recorded poses under another task."""
    planner = Planner(variant.apply_to(scene.world))
    actions = [compute_expert_action(planner, pose, scene.progress_at(frame)) for frame, pose in enumerate(scene.poses)]
    return np.array(actions, np.float64)
