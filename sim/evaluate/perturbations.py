"""What ``--perturb`` and ``--probe`` come to: which perturbations are driven, and where there can be none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.perturbations import AXES, SWAPPED_INSTRUCTION, UNPERTURBED, Perturbation, check_supported

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
    by_own_name: dict[Perturbation, bool] = {}  # whether it was asked for by its own name
    for text in texts:
        axis, _, level = text.partition("=")
        sweep = axis.strip() == ALL_AXES
        for one in [f"{name}={level}" for name in AXES] if sweep else [text]:
            perturbation = Perturbation.parse(one)
            by_own_name[perturbation] = by_own_name.get(perturbation, False) or not sweep
    if UNPERTURBED in by_own_name:
        raise InputError("--perturb asks for level 0, which disturbs nothing: every run has these episodes anyway")
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
    """Why a scenario can't have a perturbation; empty if it can."""
    try:
        check_supported(get_scenario(scenario), perturbation)
    except InputError as error:
        return str(error)
    return ""
