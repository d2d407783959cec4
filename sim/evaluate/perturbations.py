"""What ``--perturb`` and ``--probe`` come to: which perturbations are driven, and where there can be none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.perturbations import AXES, check_supported, normalise_perturbation
from sim.results.plan import SWAPPED_INSTRUCTION, UNPERTURBED

ALL_AXES = "all"


@dataclass(frozen=True)
class RequestedPerturbations:
    """What a run perturbs.

    Attributes:
        perturbations: In canonical form, each once; none comes first.
        left_out: Why there can be none, by (scenario, perturbation).
    """

    perturbations: tuple[str, ...]
    left_out: dict[tuple[str, str], str]


def parse_perturbations(texts: Sequence[str], probe: bool, scenarios: Sequence[str]) -> RequestedPerturbations:
    """Read what was asked for, and look whether each scenario has what it needs.

    Args:
        texts: Each as typed after ``--perturb``; 'all=LEVEL' stands for every axis on its own that there can be.
        probe: Also swap the instruction where there is a choice.
        scenarios: Of the run.

    Raises:
        InputError: A misspelt one, or one that was asked for by its name and that none of the scenarios can have.
    """
    by_name: dict[str, bool] = {}  # whether it was asked for by its own name
    for text in texts:
        axis, _, level = text.partition("=")
        sweep = axis.strip() == ALL_AXES
        for perturbation in (
            [normalise_perturbation(f"{name}={level}") for name in AXES] if sweep else [normalise_perturbation(text)]
        ):
            by_name[perturbation] = by_name.get(perturbation, False) or not sweep
    if UNPERTURBED in by_name:
        raise InputError("--perturb asks for level 0, which disturbs nothing: every run has these episodes anyway")
    if probe:
        by_name[SWAPPED_INSTRUCTION] = True
    left_out: dict[tuple[str, str], str] = {}
    for perturbation in by_name:
        for scenario in scenarios:
            try:
                check_supported(get_scenario(scenario), perturbation)
            except InputError as error:
                left_out[scenario, perturbation] = str(error)
        if by_name[perturbation] and all((scenario, perturbation) in left_out for scenario in scenarios):
            raise InputError(left_out[scenarios[0], perturbation])
    return RequestedPerturbations((UNPERTURBED, *by_name), left_out)
