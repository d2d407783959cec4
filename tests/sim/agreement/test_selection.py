"""Laws of the parts of a population."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenarios.common.errors import InputError
from sim.agreement.selection import Part, compare_units, list_parts
from sim.population.population import EpisodeValues, Population, Unit


def episodes(*values, numbers=None):
    found = np.array(values, float)
    return EpisodeValues(np.arange(len(found)) if numbers is None else np.array(numbers), found)


def make_unit(name, family="cnn", recipe="cnn", seed=0, step=None, **changes):
    successes = {
        ("corridor", "none"): episodes(1, 0, 1, 0),
        ("corridor", "lighting=2"): episodes(0, 0, 1, 0),
        ("crossing", "none"): episodes(1, 1, 1, 1),
    }
    metrics = {("mae", "corridor"): episodes(0.1, 0.2), ("mae", "crossing"): episodes(0.3, 0.5)}
    return Unit(name, family, recipe, seed, step, changes.get("successes", successes), changes.get("metrics", metrics))


CHECKPOINTS = tuple(make_unit(f"cnn@{step}", step=step) for step in (100, 200, 400))
RETRAINS = tuple(make_unit(f"vit-{seed}", "vit", "vit", seed) for seed in (0, 1, 2))
POPULATION = Population((*CHECKPOINTS, *RETRAINS, make_unit("lone", "lone", "lone")), {"mae": "smaller"})


def test_parts_are_all_that_can_be_ranked():
    assert [str(part) for part in list_parts(POPULATION)] == [
        "all",
        "within families",
        "family cnn",
        "family vit",
        "along checkpoints",
        "checkpoints cnn, seed 0",
        "scenario corridor",
        "scenario crossing",
        "perturbation lighting=2",
    ]


@pytest.mark.parametrize(
    ("part", "names", "groups", "clusters", "noun"),
    [
        (Part("all"), 7, {"all"}, {"cnn", "vit", "lone"}, "families"),
        (Part("within families"), 6, {"cnn", "vit"}, {"cnn", "vit"}, "families"),
        (Part("family", "vit"), 3, {"all"}, {"vit, seed 0", "vit, seed 1", "vit, seed 2"}, "trainings"),
        (Part("along checkpoints"), 3, {"cnn, seed 0"}, {"cnn"}, "families"),
        (Part("checkpoints", "cnn, seed 0"), 3, {"all"}, {"cnn@100", "cnn@200", "cnn@400"}, "checkpoints"),
    ],
)
def test_a_part_says_who_is_ranked_against_whom_and_who_is_drawn_together(part, names, groups, clusters, noun):
    found = compare_units(POPULATION, "mae", part)
    assert (found.size, set(found.groups), set(found.clusters), found.noun) == (names, groups, clusters, noun)


def test_errors_are_turned_so_that_larger_is_better_and_scenarios_count_equally():
    found = compare_units(POPULATION, "mae", Part("all"))
    assert found.proxies[0] == pytest.approx(-(0.15 + 0.4) / 2)
    assert found.rates[0] == pytest.approx((0.5 + 1.0) / 2)


def test_a_scenario_or_a_perturbation_alone_counts():
    assert compare_units(POPULATION, "mae", Part("scenario", "crossing")).rates[0] == 1.0
    perturbed = compare_units(POPULATION, "mae", Part("perturbation", "lighting=2"))
    assert (perturbed.rates[0], perturbed.driven) == (0.25, 4)
    assert perturbed.proxies[0] == pytest.approx(-0.15)  # unperturbed, of the scenarios that were driven under it


def test_halves_are_episodes_of_even_and_odd_number():
    even = compare_units(POPULATION, "mae", Part("scenario", "corridor"), "even")
    odd = compare_units(POPULATION, "mae", Part("scenario", "corridor"), "odd")
    assert (even.rates[0], odd.rates[0]) == (1.0, 0.0)
    assert (even.proxies[0], odd.proxies[0]) == pytest.approx((-0.1, -0.2))


def test_units_that_lack_episodes_or_the_metric_are_left_out_with_the_reason():
    short = make_unit("short", successes={("corridor", "none"): episodes(1, 0, 1)})
    blind = make_unit("blind", metrics={("mae", "corridor"): episodes(np.nan, np.nan)})
    found = compare_units(Population((*POPULATION.units, short, blind), {"mae": "smaller"}), "mae", Part("all"))
    assert found.left_out == {"short": "3 of 4 episodes of corridor under none", "blind": "no mae in corridor"}
    within = compare_units(POPULATION, "mae", Part("within families"))
    assert within.left_out == {"lone": "fewer than 3 units in 'lone'"}


def test_episodes_of_other_numbers_are_other_episodes():
    shifted = make_unit("shifted", successes={("corridor", "none"): episodes(1, 0, 1, 0, numbers=[2, 3, 4, 5])})
    found = compare_units(Population((*CHECKPOINTS, shifted), {"mae": "smaller"}), "mae", Part("scenario", "corridor"))
    assert found.names == tuple(unit.name for unit in CHECKPOINTS)
    assert found.left_out == {"shifted": "2 of 4 episodes of corridor under none"}


def test_a_unit_that_drove_more_than_the_others_does_not_put_them_out():
    more = make_unit("more", successes={("corridor", "none"): episodes(1, 0, 1, 0, 1, 1)})
    found = compare_units(Population((*CHECKPOINTS, more), {"mae": "smaller"}), "mae", Part("scenario", "corridor"))
    assert (found.size, found.driven, found.rates[-1]) == (4, 4, 0.5)


def test_copies_of_a_training_are_drawn_together_with_it():
    copies = tuple(
        replace(unit, name=f"{unit.name}-noisy", recipe="vit noise", copy_of=unit.course) for unit in RETRAINS
    )
    found = compare_units(Population((*RETRAINS, *copies), {"mae": "smaller"}), "mae", Part("family", "vit"))
    assert (found.size, found.cluster_count) == (6, 3)


def test_an_unknown_metric_is_refused():
    with pytest.raises(InputError, match="unknown metric 'rmse'"):
        compare_units(POPULATION, "rmse", Part("all"))


def test_a_metric_that_no_unit_of_the_part_has_leaves_all_out():
    scored = make_unit("scored", "other", "other", metrics={("rmse", "corridor"): episodes(0.1)})
    population = Population((*CHECKPOINTS, scored), {"mae": "smaller", "rmse": "smaller"})
    found = compare_units(population, "rmse", Part("family", "cnn"))
    assert set(found.left_out.values()) == {"no rmse of corridor or crossing, which was driven"}
