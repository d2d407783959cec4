"""Ten perturbation axes that make episodes harder, with three levels each, alone and combined."""

from scenarios.perturbations.axis import PerturbationAxis
from scenarios.perturbations.perturbation import SWAPPED_INSTRUCTION, UNPERTURBED, Perturbation
from scenarios.perturbations.registry import AXES, levels_table
from scenarios.perturbations.sampling import check_supported, is_supported, sample_perturbed_world

__all__ = [
    "AXES",
    "SWAPPED_INSTRUCTION",
    "UNPERTURBED",
    "Perturbation",
    "PerturbationAxis",
    "check_supported",
    "is_supported",
    "levels_table",
    "sample_perturbed_world",
]
