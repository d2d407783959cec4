"""Writes the parts of the reference that come from the program's own tables, so that they can't go out of date."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SCRIPTED_POLICIES = {
    "zero": "stands still",
    "random": "a new random action at each step",
    "straight": "drives straight ahead",
    "park": "drives to one place and waits there, whatever the words say: a reference without images and words",
    "blind": "the best fixed way for each family and its words: a reference without images",
    "expert": "plans on the true map: the ceiling, and the teacher",
}
BETTER = {"higher": "higher", "lower": "lower", "none": "-"}
FOLDER = Path(__file__).parent / "_generated"
RESULTS = Path(__file__).parents[1] / "RESULTS.md"
FIGURE_PREFIX = "results-"  # of the pictures beside that page


def format_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def describe_commands() -> str:
    """List every command with its ``--help``."""
    from sim.__main__ import COMMANDS

    os.environ["COLUMNS"] = "110"
    parts = []
    for name, (module, text) in COMMANDS.items():
        home = importlib.import_module(module)
        command = home if hasattr(home, "make_parser") else importlib.import_module(f"{module}.__main__")
        help_text = command.make_parser().format_help()
        parts.append(f"(command-{name})=\n## {name}\n\n{text[0].upper()}{text[1:]}.\n\n```text\n{help_text}```\n")
    return "\n".join(parts)


def describe_metrics() -> str:
    """List every metric of an episode."""
    from sim.metrics.registry import METRICS

    headings = ("column", "unit", "better", "what it is", "source")
    return format_table(
        headings,
        (
            (f"`{m.name}`", m.unit or "-", BETTER[m.direction], f"{m.title}: {m.explanation}", m.source or "ours")
            for m in METRICS
        ),
    )


def describe_offline_metrics() -> str:
    """List every offline metric."""
    from sim.offline.metrics.registry import OFFLINE_METRICS

    headings = ("name", "unit", "better", "what it is", "needs", "source")
    return format_table(
        headings,
        ((f"`{m.name}`", m.unit or "-", m.better, m.label, ", ".join(m.needs), m.source) for m in OFFLINE_METRICS),
    )


def describe_scenarios() -> str:
    """List every scenario family."""
    from envs.registration import env_id
    from scenarios.registry import SCENARIOS

    rows = ((f"`{s.name}`", s.summary, f"`{env_id(s.name)}`") for s in SCENARIOS.values())
    return format_table(("family", "task", "environment"), rows)


def describe_phrases() -> str:
    """List the phrases of every scenario family, those of training and those that are held out from it."""
    from scenarios.registry import SCENARIOS

    kinds = ((s.name, s.spec.phrases.options, s.spec.unseen_phrases.options) for s in SCENARIOS.values())
    rows = ((f"`{name}`", "<br>".join(seen), "<br>".join(unseen)) for name, seen, unseen in kinds)
    return format_table(("family", "phrases of training", "phrases held out from it"), rows)


def describe_perturbations() -> str:
    """List every perturbation axis and what its levels do."""
    from scenarios.perturbations import levels_table

    headings = ("axis", "what it does", "level 1", "level 2", "level 3")
    return format_table(headings, ((f"`{name}`", *rest) for name, *rest in levels_table()))


def describe_policies() -> str:
    """List every name that ``--policy`` knows."""
    from policies.registry import SCRIPTED, TRAINED_REFERENCES
    from policies.systems.table import SYSTEMS

    scripted = ((f"`{name}`", "scripted", SCRIPTED_POLICIES[name], "-") for name in SCRIPTED)
    trained = ((f"`{name}`", "network", reference.summary, "-") for name, reference in TRAINED_REFERENCES.items())
    systems = (
        (
            f"`{row.name}`",
            "mixture" if row.members else "export" if row.export_of else "network",
            ", ".join(f"{weight:g} {name}" for name, weight in row.members) or row.export_of or ", ".join(row.features),
            "-" if row.published.mae is None else f"{row.published.mae:g}",
        )
        for row in SYSTEMS.values()
    )
    return format_table(("name", "kind", "what it is, or sees", "published MAE"), (*scripted, *trained, *systems))


def describe_verdict() -> str:
    """Repeat the results page without its title, as a part of a page in ``explanation``."""
    if not RESULTS.is_file():
        return "Not written yet: the policies are being trained anew.\n"
    _, _, text = RESULTS.read_text(encoding="utf-8").partition("\n\n")
    return text.replace(f"]({FIGURE_PREFIX}", f"](../../{FIGURE_PREFIX}")


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": describe_commands,
    "metrics.md": describe_metrics,
    "offline-metrics.md": describe_offline_metrics,
    "scenarios.md": describe_scenarios,
    "phrases.md": describe_phrases,
    "perturbations.md": describe_perturbations,
    "policies.md": describe_policies,
    "verdict.md": describe_verdict,
}


def write_pages(_: Sphinx | None = None) -> None:
    """Write all generated parts, replacing only what changed."""
    FOLDER.mkdir(exist_ok=True)
    for name, describe in PAGES.items():
        text = describe()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != text:
            (FOLDER / name).write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
