"""The printed answers to claims."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from rich.console import Console

from sim.claims.claim_answer import PairAnswer
from sim.claims.published_claims import Claim
from sim.claims.seed_difference import MIN_SEEDS, SeedDifference
from sim.console.columns import MEDIUM, WIDE, Column, fit_columns, list_legends, make_table
from sim.console.console import print_plain_line, standard_console
from sim.console.formatting import format_interval

UNITS_LEGEND = "with what is claimed, and without it; only that differs"
VERDICT_WIDTH = 20  # characters
SEEDS_LEGEND = "training seeds that both units have; two numbers where MAE and success have different ones"
MAE_LEGEND = "difference in offline MAE, in actions, with its 95 % interval over training seeds and demonstrations"
SUCCESS_LEGEND = (
    "difference in success, in points, with its 95 % interval over training seeds and episodes; of 'ensembles' under "
    "perturbations, then in what these cost"
)


def print_answers(answers: Mapping[str, tuple[Claim, Sequence[PairAnswer]]], console: Console | None = None) -> None:
    """Print the answers to some claims, by their names."""
    console = console or standard_console()
    rows = [(claim, answer) for claim, given in answers.values() for answer in given]
    fitted = fit_columns(make_claim_columns(rows), console.width, (WIDE, MEDIUM))
    console.print(make_table(fitted, [""] * len(rows), vertical="top"))
    for line in list_legends(fitted):
        print_plain_line(console, line)
    for claim, given in answers.values():
        print_plain_line(console, f'{claim.name}: "{claim.sentence}" ({claim.measured}): {describe_first(given[0])}')


def make_claim_columns(rows: Sequence[tuple[Claim, PairAnswer]]) -> list[Column]:
    """Make the columns, with a line per pair of units."""
    own = [answer.pair is claim.pairs[0] for claim, answer in rows]
    names = [claim.name if is_own else "" for (claim, _), is_own in zip(rows, own, strict=True)]
    published = [format_published(c.published) if is_own else "" for (c, _), is_own in zip(rows, own, strict=True)]
    units = ["\n".join(answer.pair.templates) for _, answer in rows]
    mae = [_stack(format_mae(answer.mae), answer.mae_verdict) for _, answer in rows]
    success = [_list_success(answer) for _, answer in rows]
    return [
        Column("claim", names, justify="left"),
        Column("units", units, justify="left", folds=True, legend=UNITS_LEGEND),
        Column("published\nMAE", published, 2),
        Column("MAE", mae, legend=MAE_LEGEND),
        Column("success", success, legend=SUCCESS_LEGEND),
        Column("seeds", ["\n".join(count_seeds(answer)) for _, answer in rows], 3, legend=SEEDS_LEGEND),
    ]


def _stack(difference: str, verdict: str) -> str:
    """A difference, its interval and the verdict below each other, so that the table is narrow."""
    return "\n".join([difference.replace(" (", "\n("), *textwrap.wrap(verdict, VERDICT_WIDTH)])


def _list_success(answer: PairAnswer) -> str:
    found = _stack(format_points(answer.success), answer.success_verdict)
    if answer.loss_verdict is None:
        return found
    return "\n".join([found, _stack(f"lost {format_points(answer.loss)}", answer.loss_verdict)])


def format_published(published: tuple[float, float] | None) -> str:
    """Format the published difference in MAE."""
    if published is None:
        return "-"
    low, high = published
    return f"{low:+g}" if low == high else f"{low:+g} to {high:+g}"


def format_mae(found: SeedDifference | None) -> str:
    """Format a difference in MAE with its interval."""
    return "-" if found is None else f"{found.difference:+z.4f}{format_interval(found.low, found.high, '{:+z.4f}')}"


def format_points(found: SeedDifference | None) -> str:
    """Format a difference in success with its interval, in points."""
    if found is None:
        return "-"
    low, high = (None if end is None else 100.0 * end for end in (found.low, found.high))
    return f"{100.0 * found.difference:+z.1f}{format_interval(low, high, '{:+z.1f}')}"


def count_seeds(answer: PairAnswer) -> tuple[str, ...]:
    """Count the training seeds of the difference in MAE and of that in success; once where they are equal."""
    counts = [0 if found is None else found.seeds for found in (answer.mae, answer.success)]
    return tuple(dict.fromkeys(map(str, counts)))


def describe_first(answer: PairAnswer) -> str:
    """Give the verdicts of a claim's own pair, and why one isn't there."""
    if answer.mae is None and answer.success is None:
        return f"cannot tell, as {' and '.join(answer.pair.templates)} have no results of equal seeds and episodes"
    unsure = next((each for each in (answer.success, answer.mae) if each is not None and each.low is None), None)
    reason = ""
    if unsure is not None:
        reason = ", as one training seed doesn't tell how much retraining changes"
        if unsure.seeds >= MIN_SEEDS:
            reason = ", as a single demonstration of a scenario doesn't tell how much demonstrations differ"
    loss = "" if answer.loss_verdict is None else f", in what perturbations cost {answer.loss_verdict}"
    return f"in MAE {answer.mae_verdict}, in success {answer.success_verdict}{loss}{reason}"
