"""Policies that are related: copies of one network, and mixtures of others. They aren't independent observations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from sim.results.manifest import PolicyFacts
from sim.results.plan import Cell
from sim.results.row import EpisodeRow
from sim.results.summary.agreement import RelatedPolicies

Drives = Mapping[tuple[str, str, int], str | None]
"""(scenario, perturbation, episode) -> the digest of a policy's drive."""


def find_related(
    names: Sequence[str], by_cell: Mapping[Cell, Mapping[int, EpisodeRow]], facts: Mapping[str, PolicyFacts]
) -> tuple[RelatedPolicies, ...]:
    """Find the groups of related policies.

    Args:
        names: The policies, in the order of the plan: the first of several copies stands for all of them.
        by_cell: The rows of each cell, by episode, perturbed ones included.
        facts: The manifest's facts by name. The weights of a mixture's members don't say how they are mixed.
    """
    weights = {name: None if facts[name].members else facts[name].weights for name in names}
    copies = _group_copies(names, weights)
    drives = {name: _collect_digests(name, by_cell) for name in names}
    known = {name for group in copies for name in group[1:]}
    alike = _group_alike([name for name in names if name not in known], drives)
    return (
        *(RelatedPolicies(group, "same weights") for group in copies),
        *(RelatedPolicies(group, "same drives") for group in alike),
        *_find_mixtures(names, facts),
    )


def select_distinct(names: Sequence[str], related: Iterable[RelatedPolicies]) -> tuple[str, ...]:
    """Select the distinct networks: one of several copies, and no mixture of others."""
    dropped: set[str] = set()
    for group in related:
        if group.relation == "mixture":
            mixture, *members = group.policies
            dropped.update([mixture] if any(name in names for name in members) else [])
        else:
            dropped.update([name for name in group.policies if name in names][1:])
    return tuple(name for name in names if name not in dropped)


def _group_copies(names: Sequence[str], weights: Mapping[str, str | None]) -> list[tuple[str, ...]]:
    """Groups of two policies or more with weights of equal hash."""
    groups: dict[str, list[str]] = {}
    for name in names:
        if (known := weights[name]) is not None:
            groups.setdefault(known, []).append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _collect_digests(policy: str, by_cell: Mapping[Cell, Mapping[int, EpisodeRow]]) -> Drives:
    return {
        (cell.scenario, cell.perturbation, number): row.digest
        for cell, rows in by_cell.items()
        if cell.policy == policy
        for number, row in rows.items()
    }


def _group_alike(names: Sequence[str], drives: Mapping[str, Drives]) -> list[tuple[str, ...]]:
    """Groups of two policies or more with equal digests in every episode that they share."""
    groups: list[list[str]] = []
    for name in names:
        group = next((each for each in groups if _drive_alike(drives[each[0]], drives[name])), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return [tuple(group) for group in groups if len(group) > 1]


def _drive_alike(one: Drives, other: Drives) -> bool:
    common = one.keys() & other.keys()
    return bool(common) and all(one[key] is not None and one[key] == other[key] for key in common)


def _find_mixtures(names: Sequence[str], facts: Mapping[str, PolicyFacts]) -> list[RelatedPolicies]:
    """The mixtures of which a member, or an earlier mixture with a common member, is among the policies."""
    found = []
    members = {name: set(facts[name].members) for name in names}
    partners: dict[str, list[str]] = {name: [each for each in names if each in members[name]] for name in names}
    for earlier, later in combinations(names, 2):
        if members[earlier] & members[later]:
            partners[later].append(earlier)
    for name, others in partners.items():
        if others:
            found.append(RelatedPolicies((name, *dict.fromkeys(others)), "mixture"))
    return found
