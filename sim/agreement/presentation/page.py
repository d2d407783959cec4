"""The results page: ``RESULTS.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policies.train.population.units.plan import plan_units
from sim.agreement.collection.gather import PopulationCosts
from sim.agreement.conclusion.conclusion import Conclusion
from sim.agreement.presentation.judgement_sections import (
    describe_combination,
    write_ceilings,
    write_choices,
    write_contest,
    write_decisions,
    write_parts,
    write_verdict,
)
from sim.agreement.presentation.result_sections import (
    list_seconds,
    write_claims,
    write_costs,
    write_disturbed,
    write_leaderboard,
)
from sim.agreement.verdict.verdict import MIN_PAIRS, USEFUL
from sim.claims.claim_answer import PairAnswer

MADE_BY = "python -m sim.agreement {folder} --population POPULATION"
INTRODUCTION = """Does offline error predict whether a policy of a mobile robot does its task, and what predicts it
better? The MAE is that of actions, of which 1 is full speed. In verdict and contest, intervals are 95 % intervals that
resample families of related policies, then episodes. A correlation of 1 means that a metric ranks policies as success
does, 0 that it says nothing."""
GLOSSARY = """- A **unit** is one policy: a network with certain weights. Its **recipe** says how it was trained and
  what was done to it; a recipe with a seed is a **training**, which may have left several checkpoints.
- A **family** holds the units that descend from one system: retrains, checkpoints, changes, damaged copies. They aren't
  independent.
- **Success** is the share of episodes in which the robot did its task, the mean over scenarios. Success **tells** a
  pair of units **apart** if it differs by McNemar's test, corrected for the number of pairs.
- What each metric is: `docs/reference/offline-metrics.md`; how intervals and verdicts are made:
  `docs/explanation/statistics.md`; how to judge policies of your own: `docs/how-to/judge-offline-metrics.md`."""
CONTEST = """Spearman's rho of each metric with success, the largest over all units first. Metrics that need more than
one pass over the frames were computed for fewer units, and stand last. "Gain" is the difference to the rho of the MAE
over the same units and resamples. Intervals of rho are what very many episodes would give, those of gains what as many
would. Where there is none, families are too few or noise of few episodes hides the ranks."""
DECISIONS = """Pairs are those that success tells apart, of all policies and of one family each. MMRV and regret are
over all policies; regret is the success lost by taking the one that the metric likes best, or the best of three. It is
taken on one half of the episodes and reported on the other, so it can be negative. Metrics of fewer units stand below
the MAE of the same units: compare them with that. Seconds are those of one process that scores a policy, with all
evidence that the metric needs."""
COST = """Seconds of a metric are those of the table above, those of driving are CPU seconds of the undisturbed
episodes. Both are means over policies. A metric that was computed for fewer policies is hollow, with their number."""
CHANGES = f"""- An interval that holds both 0 and {USEFUL:g} decides nothing: more families narrow it, more units of
  the same families hardly do.
- "Predicts" needs at least {MIN_PAIRS} pairs of policies that success tells apart, and that the third of them
  that differs least in the metric is ordered better than by a coin. More episodes tell more pairs apart.
- A metric that was chosen here as the best has to be the best again on other episodes: see the choice on one
  half, reported on the other.
- Other demonstrations: the expert's, with noise bursts, are scored here. Those of people differ from run to
  run, and put a floor under the MAE.
- A verdict in words can only be as sharp as the noise ceiling lets it be: where half of the episodes don't rank
  policies as the other half does, no metric can."""
LIMITS = """Our policies have 0.1 to 5 million parameters, learn from one expert in eight families of simple
scenes, and are driven in the same simulator that they learned in.

They can tell how a metric behaves when everything else is known and repeated: whether it ranks retrains,
checkpoints and degraded copies of a system as their success does, how much of a published difference survives
other training seeds, and what it costs to find out. A metric that fails here, with noiseless labels and the
training distribution at hand, has little to recommend it elsewhere.

They can't tell how large an effect is in models of billions of parameters, with pretrained vision and language,
on cameras and robots with faults of their own. Success in our scenes isn't success in a building. A metric that
holds here is a candidate there, to be judged again on such policies: `sim.agreement` takes any two tables of
drives and metrics."""


def write_page(
    found: Conclusion, costs: PopulationCosts, claims: Mapping[str, Sequence[PairAnswer]], figure: str
) -> str:
    """Write the results page.

    Args:
        found: What was concluded.
        costs: What it took.
        claims: Answers to the published claims.
        figure: Where the figure lies, relative to the page.
    """
    seconds = list_seconds(costs, found.complete)
    population = found.population
    is_planned = not {unit.name for unit in plan_units()}.isdisjoint(unit.name for unit in population.units)
    sections = {
        "Verdict": write_verdict(found),
        "Contest of the offline metrics": f"{CONTEST}\n\n{write_contest(found)}\n\n{describe_combination(found)}",
        "Deciding by a metric": f"{DECISIONS}\n\n{write_decisions(found, seconds)}",
    }
    if seconds:
        picture = f"![Correlation of each metric with success, against its cost]({figure})"
        sections["Correlation against cost"] = f"{COST}\n\n{picture}"
    sections |= {
        "Chosen on some episodes, reported on others": write_choices(found),
        "Noise ceiling": write_ceilings(found),
        "The MAE by family, training, scenario and disturbance": write_parts(found),
    }
    if any(answer.mae or answer.success for answers in claims.values() for answer in answers):
        sections["Published claims"] = write_claims(claims)
    sections["Leaderboard: success in percent"] = write_leaderboard(population, found.leaderboard)
    if population.perturbations:
        sections["Leaderboard under disturbances"] = write_disturbed(population, found.leaderboard)
    if seconds or costs.cpu_seconds:
        sections["What it cost"] = write_costs(costs)
    sections["Made by"] = _write_commands(is_planned)
    sections["What would change the conclusion"] = CHANGES
    if is_planned:
        sections["What compact models in our scenes can and can't tell about full-size ones"] = LIMITS
    parts = ["# Results", INTRODUCTION, GLOSSARY, *(f"## {title}\n\n{text}" for title, text in sections.items())]
    return "\n\n".join(parts) + "\n"


def _write_commands(is_planned: bool) -> str:
    """The commands that make what the page is made from: of the population, or of policies of one's own."""
    own = (
        ("success and the MAE, in a run or several", "python -m sim.evaluate --policy … --out RESULTS/NAME"),
        (
            "other metrics, for each policy",
            "python -m sim.offline --policy … --metrics … --out RESULTS/metrics/NAME/1.json",
        ),
        ("both tables and this page", "python -m sim.agreement RESULTS --write RESULTS.md"),
    )
    planned = (
        ("the policies", "python -m policies.train population --work WORK --out POPULATION"),
        ("success, offline scores and both tables", MADE_BY.format(folder="RESULTS")),
        ("success under disturbances", f"{MADE_BY.format(folder='RESULTS')} --suite population-disturbed"),
        ("this page and its figure, from the tables", "python -m sim.agreement RESULTS --write RESULTS.md"),
        ("the claims alone", "python -m sim.claims --results RESULTS"),
    )
    commands = planned if is_planned else own
    return "\n".join(["```text", *(f"{command:<88}# {what}" for what, command in commands), "```"])
