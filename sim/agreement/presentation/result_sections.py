"""Sections of the results page on claims, leaderboard and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.agreement.collection.gather import PopulationCosts
from sim.agreement.conclusion.combination import COMBINATION
from sim.agreement.conclusion.leaderboard import LeaderboardRow, MeanSuccess
from sim.agreement.presentation.markdown import format_percent, format_table
from sim.claims.claim_answer import PairAnswer
from sim.claims.output import count_seeds, describe_first, format_mae, format_points, format_published
from sim.claims.published_claims import CLAIMS
from sim.population.population import Population

CLAIMED = """Each pair differs in what is claimed alone. Differences are the first's less the second's, with 95 %
intervals over training seeds and episodes. The success of ensembles is that under disturbances; what it costs them, in
equal episodes, stands behind it: below 0 if the ensemble loses less. Who fails anyway has little to lose."""
LEADERS = """The mean of the scenarios has its 95 % interval over episodes, for the trainings that there are."""
DISTURBED = """Mean of the scenarios in percent, with its 95 % interval over episodes. "Undisturbed" is success in
the same episodes without any disturbance; the table above counts all."""


def list_seconds(costs: PopulationCosts, combined: Sequence[str]) -> dict[str, float]:
    """List the seconds that each metric takes for a unit; a combination takes as long as its most expensive part.

    Args:
        costs: What each metric takes.
        combined: Names of the metrics of the combination.
    """
    seconds = {metric: cost.seconds for metric, cost in costs.metrics.items()}
    parts = [seconds[metric] for metric in combined if metric in seconds]
    return {**seconds, COMBINATION: max(parts)} if parts else seconds


def write_claims(answers: Mapping[str, Sequence[PairAnswer]]) -> str:
    """Write the answer to each published claim, that of its own pair first."""
    rows = [
        (
            f"{claim.sentence} (`{name}`)" if place == 0 else "",
            " against ".join(answer.pair.templates) + (", under disturbances" if claim.perturbed else ""),
            format_published(claim.published) if place == 0 else "",
            format_mae(answer.mae),
            format_points(answer.success) + ("" if answer.loss is None else f"; lost {format_points(answer.loss)}"),
            " and ".join(count_seeds(answer)),
            describe_first(answer),
        )
        for name, claim in CLAIMS.items()
        for place, answer in enumerate(answers.get(name, ()))
    ]
    headings = ("claim", "units", "published MAE", "MAE", "success, points", "seeds", "verdict")
    return f"{CLAIMED}\n\n{format_table(headings, rows)}"


def write_leaderboard(population: Population, rows: Sequence[LeaderboardRow]) -> str:
    """Write the success of each recipe in each scenario, in percent."""
    headings = ("recipe", "seeds", "episodes", "mean (95 %)", *population.scenarios)
    return f"{LEADERS}\n\n{format_table(headings, (_leader_cells(row) for row in rows))}"


def _leader_cells(row: LeaderboardRow) -> tuple[str, ...]:
    mean, episodes = _format_mean(row.undisturbed), f"{row.undisturbed.episodes}"
    return (f"`{row.recipe}`", f"{row.seeds}", episodes, mean, *map(format_percent, row.scenarios))


def _format_mean(found: MeanSuccess | None) -> str:
    if found is None:
        return "-"
    low, high = found.interval
    return f"{format_percent(found.rate)} ({format_percent(low)} to {format_percent(high)})"


def write_disturbed(population: Population, rows: Sequence[LeaderboardRow]) -> str:
    """Write the success of each recipe under each disturbance, in percent, and without any in the same episodes."""
    headings = ("recipe", "episodes of each", "undisturbed", *population.perturbations)
    cells = []
    for row in rows:
        counts = sorted({each.episodes for each in row.perturbations if each is not None})
        if counts:
            shares = map(_format_mean, (row.same_episodes, *row.perturbations))
            cells.append((f"`{row.recipe}`", " to ".join(map(str, (counts[0], *counts[1:][-1:]))), *shares))
    return f"{DISTURBED}\n\n{format_table(headings, cells)}"


def write_costs(costs: PopulationCosts) -> str:
    """Write what driving and scoring a unit took."""
    rows = [(f"`{name}`", f"{seconds:.0f}") for name, seconds in costs.cpu_seconds.items()]
    evidence: dict[tuple[int, int, int], list[str]] = {}
    for metric, cost in costs.metrics.items():
        evidence.setdefault((cost.frames, cost.renders, cost.steps), []).append(f"`{metric}`")
    work = [
        (", ".join(names), f"{frames:,}", f"{renders:,}", f"{steps:,}")
        for (frames, renders, steps), names in evidence.items()
    ]
    headings = ("metrics", "frames asked", "frames rendered", "steps simulated")
    return "\n\n".join([format_table(("command", "CPU s a unit"), rows), format_table(headings, work)])
