"""Ten ways of making an episode harder, in three levels each, alone and together."""

from scenarios.perturbations.axis import PerturbationAxis
from scenarios.perturbations.registry import (
    AXES,
    NONE,
    check_supported,
    is_supported,
    levels_table,
    normalise_perturbation,
    sample_perturbed_world,
)

__all__ = [
    "AXES",
    "NONE",
    "PerturbationAxis",
    "check_supported",
    "is_supported",
    "levels_table",
    "normalise_perturbation",
    "sample_perturbed_world",
]
