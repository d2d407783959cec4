"""What the units of the population reached, read from the runs that drove them, or from the tables of a population."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import numpy as np

from scenarios.common.errors import InputError
from sim.claims.published_claims import UNIT_SEEDS, Claim
from sim.offline.metrics.results_file import read_offline_results
from sim.population.population import MAE, Population
from sim.population.tables import DRIVES, read_population
from sim.results.manifest import Manifest, ScenarioFacts
from sim.results.run_files import MANIFEST, Run, read_run
from sim.results.summary.offline_score import OfflineScore

SCORES = "metrics"
"""Folder beside the runs of units: METRICS/UNIT/*.json, written by ``sim.offline``."""
HOW_TO_MAKE = (
    "train it by 'python -m policies.train population', then drive it by 'python -m sim.agreement {folder} "
    "--population POPULATION', or some of its folders by 'python -m sim.evaluate --policy \"POPULATION/*\" --scenario "
    "all --out {folder}'"
)
CellKey = tuple[str, str]
"""(scenario, perturbation)."""


@dataclass(frozen=True)
class UnitResults:
    """What one unit reached.

    Attributes:
        success: By scenario and perturbation, whether each episode succeeded, by its number.
        episode_mae: By scenario, the MAE of each held-out demonstration in which it is defined, by its number.
    """

    success: Mapping[CellKey, Mapping[int, bool]] = field(default_factory=dict)
    episode_mae: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    def join(self, earlier: UnitResults) -> UnitResults:
        """Return these results and those of an earlier run, of which these replace equal episodes."""
        cells = dict.fromkeys([*earlier.success, *self.success])
        return UnitResults(
            {cell: {**earlier.success.get(cell, {}), **self.success.get(cell, {})} for cell in cells},
            {**earlier.episode_mae, **self.episode_mae},
        )


def find_unit(label: str) -> str:
    """Return the name of the unit that a policy's label in a run means: its folder's name."""
    path = PurePath(label)
    return path.parent.name if path.name == "policy.onnx" else path.name


def read_unit_results(folders: Iterable[Path]) -> dict[str, UnitResults]:
    """Read the results of all units in some folders, by the units' names: of runs, or tables of a population, or both.

    Raises:
        InputError: A folder has neither, or the runs differ in what they drove.
    """
    found: dict[str, UnitResults] = {}
    all_runs: list[Path] = []
    for folder in folders:
        runs, has_tables = find_runs(folder), (folder / DRIVES).is_file()
        if not runs and not has_tables:
            raise InputError(f"'{folder}' has no results of the population: {HOW_TO_MAKE.format(folder=folder)}")
        all_runs += runs
        if has_tables:
            _join(found, list_unit_results(read_population(folder)))
        for file in find_score_files(folder):
            _join(found, _gather_errors(read_offline_results(file).scores))
    _join(found, read_runs(all_runs))
    return found


def read_runs(runs: Iterable[Path]) -> dict[str, UnitResults]:
    """Read the results of all units in the folders of some runs, by the units' names.

    Raises:
        InputError: A folder isn't that of a run, or the runs differ in what they drove.
    """
    found: dict[str, UnitResults] = {}
    scenarios: dict[str, ScenarioFacts] = {}
    suite: int | None = None
    for path in runs:
        run = read_run(path)
        suite = run.manifest.seeds.suite if suite is None else suite
        _check_same_episodes(suite, scenarios, run.manifest, path)
        scenarios.update(run.manifest.scenarios)
        _join(found, _read_run_units(run))
    return found


def _join(found: dict[str, UnitResults], later: Mapping[str, UnitResults]) -> None:
    for name, unit in later.items():
        found[name] = unit.join(found.get(name, UnitResults()))


def list_unit_results(population: Population) -> dict[str, UnitResults]:
    """List what the units of a population reached, by their names."""
    return {
        unit.name: UnitResults(
            {
                cell: {number: value > 0.0 for number, value in zip(numbers.tolist(), values.tolist(), strict=True)}
                for cell, (numbers, values) in unit.successes.items()
            },
            {
                scenario: _keep_defined(numbers, values)
                for (metric, scenario), (numbers, values) in unit.metrics.items()
                if metric == MAE
            },
        )
        for unit in population.units
    }


def _keep_defined(numbers: Iterable[int], values: Iterable[float]) -> dict[int, float]:
    return {int(number): float(value) for number, value in zip(numbers, values, strict=True) if np.isfinite(value)}


def find_runs(folder: Path) -> tuple[Path, ...]:
    """Find the folders of runs: the folder itself, or else all below it."""
    if (folder / MANIFEST).is_file():
        return (folder,)
    return tuple(sorted(file.parent for file in folder.rglob(MANIFEST)))


def find_score_files(folder: Path) -> tuple[Path, ...]:
    """Find the files of ``sim.offline`` beside the runs of units, in the order in which they were written."""
    return tuple(sorted((folder / SCORES).glob("*/*.json"), key=lambda file: (file.parent, len(file.stem), file.stem)))


def find_missing_units(claims: Iterable[Claim], results: Mapping[str, UnitResults]) -> str | None:
    """Say which units are missing if no claim can be answered for any seed; None if one can."""
    wanted = [pair.names(seed) for claim in claims for pair in claim.pairs for seed in UNIT_SEEDS]
    if any(changed in results and base in results for changed, base in wanted):
        return None
    changed, base = wanted[0]
    return (
        f"the results have no pair of units that answers one of these claims, such as '{changed}' and '{base}', only "
        f"{', '.join(sorted(results)) or 'nothing'}: {HOW_TO_MAKE.format(folder='RUN')}"
    )


def _check_same_episodes(suite: int, scenarios: Mapping[str, ScenarioFacts], manifest: Manifest, folder: Path) -> None:
    """Check that a run drove the episodes of those before it, all of which had one suite seed."""
    shared = scenarios.keys() & manifest.scenarios.keys()
    other = next((name for name in sorted(shared) if scenarios[name].spec != manifest.scenarios[name].spec), None)
    if manifest.seeds.suite != suite or other is not None:
        differs = f"suite seed {manifest.seeds.suite}, not {suite}" if other is None else f"another '{other}'"
        raise InputError(
            f"'{folder}' drove other episodes than the results before it ({differs}): units can only be paired on "
            f"equal ones"
        )


def _read_run_units(run: Run) -> dict[str, UnitResults]:
    policies = run.manifest.plan.policies
    twice = next((name for name, count in Counter(map(find_unit, policies)).items() if count > 1), None)
    if twice is not None:
        labels = " and ".join(f"'{policy}'" for policy in policies if find_unit(policy) == twice)
        raise InputError(f"'{run.path}' drove {labels}, which both are the unit '{twice}': label one, NAME=FOLDER")
    success: dict[str, dict[CellKey, dict[int, bool]]] = defaultdict(lambda: defaultdict(dict))
    for row in run.rows:
        success[row.policy][row.scenario, row.perturbation][row.episode] = row.success
    scores = () if run.summary is None else run.summary.offline
    errors = _gather_errors(scores)
    return {
        find_unit(policy): errors.get(find_unit(policy), UnitResults()).join(UnitResults(success[policy]))
        for policy in policies
    }


def _gather_errors(scores: Iterable[OfflineScore]) -> dict[str, UnitResults]:
    """The offline errors by the units' names."""
    mae: dict[str, dict[str, dict[int, float]]] = defaultdict(dict)
    for score in scores:
        if score.episode_mae is not None and score.scenario is not None:
            mae[find_unit(score.policy)][score.scenario] = _keep_defined(
                range(len(score.episode_mae)), score.episode_mae
            )
    return {name: UnitResults({}, of_unit) for name, of_unit in mae.items()}
