"""Ten ways of making an episode harder, in three levels each, alone and together."""

from scenarios.perturbations.axis import Axis
from scenarios.perturbations.registry import AXES, NONE, check_supported, levels_table, parse, perturbed, supports

__all__ = ["AXES", "NONE", "Axis", "check_supported", "levels_table", "parse", "perturbed", "supports"]
