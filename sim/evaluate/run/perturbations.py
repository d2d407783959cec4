"""The perturbations that ``--perturb`` and ``--probe`` request, and the scenarios that don't support them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.perturbations import AXES, SWAPPED_INSTRUCTION, UNPERTURBED, Perturbation, check_supported

ALL_AXES = "all"


@dataclass(frozen=True)
class RequestedPerturbations:
    """The perturbations of a run."""

    perturbations: tuple[str, ...]
    """In canonical form, each once; 'none' comes first."""
    left_out: dict[tuple[str, str], str]
    """Why a scenario doesn't support a perturbation, by (scenario, perturbation)."""


def parse_perturbations(texts: Sequence[str], probe: bool, scenarios: Sequence[str]) -> RequestedPerturbations:
    """Parse the requested perturbations, and check which scenarios support them.

    Args:
        texts: Each as typed after ``--perturb``; 'all=LEVEL' is every supported axis on its own.
        probe: Also swap the instruction where the scenario has a choice.
        scenarios: The scenarios of the run.

    Raises:
        InputError: A perturbation is misspelt, or requested by name and supported by none of the scenarios.
    """
    by_own_name: dict[Perturbation, bool] = {}  # True: requested by its own name, not by 'all'
    for text in texts:
        axis, _, level = text.partition("=")
        sweep = axis.strip() == ALL_AXES
        for one in [f"{name}={level}" for name in AXES] if sweep else [text]:
            perturbation = Perturbation.parse(one)
            by_own_name[perturbation] = by_own_name.get(perturbation, False) or not sweep
    if UNPERTURBED in by_own_name:
        raise InputError(
            "--perturb: level 0 changes nothing; every run includes the unperturbed episodes, choose level 1, 2 or 3"
        )
    if probe:
        by_own_name[SWAPPED_INSTRUCTION] = True
    left_out: dict[tuple[str, str], str] = {}
    for perturbation, named in by_own_name.items():
        reasons = {name: reason for name in scenarios if (reason := _reason_against(name, perturbation))}
        if named and len(reasons) == len(scenarios):
            raise InputError(reasons[scenarios[0]])
        left_out |= {(name, str(perturbation)): reason for name, reason in reasons.items()}
    return RequestedPerturbations((str(UNPERTURBED), *map(str, by_own_name)), left_out)


def _reason_against(scenario: str, perturbation: Perturbation) -> str:
    """Return why a scenario doesn't support a perturbation; empty if it does."""
    try:
        check_supported(get_scenario(scenario), perturbation)
    except InputError as error:
        return str(error)
    return ""
