"""How fast it is: ``python -m sim.benchmark camera|environment|families|policy|onnx|loop|agreement|memory|all``."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from policies.registry import make_policy
from scenarios.common import cli as command
from scenarios.common.files import check_new_file
from sim.benchmark.inference_backends import measure_inference_backends
from sim.benchmark.measurements import (
    Measurement,
    measure_camera,
    measure_environment,
    measure_families,
    measure_memory,
    measure_policy,
    measure_renderer_agreement,
    open_renderer,
    profile_control_step,
)
from sim.results.folder import write_json
from sim.results.manifest import count_cores, cpu_name, package_versions
from sim.workers.threads import limit_threads

RATIO_HEADINGS = {
    "camera": "against tiny",
    "environment": "against tiny",
    "families": "against corridor",
    "onnx": "against eager",
    "loop": "share of the step",
    "memory": "against the tenth",
}
MEMORY_EPISODES = 1000
AGREEMENT_FRAMES = 200


def make_benchmarks(name: str, repeats: int) -> dict[str, Callable[[], Iterator[Measurement]]]:
    """Every benchmark by its name on the command line."""
    return {
        "camera": lambda: measure_camera(repeats),
        "environment": lambda: measure_environment(repeats),
        "families": lambda: measure_families(repeats),
        "policy": lambda: measure_policy(name, repeats),
        "onnx": lambda: measure_inference_backends(name, repeats),
        "loop": lambda: profile_control_step(name),
        "agreement": lambda: measure_renderer_agreement(AGREEMENT_FRAMES),
        "memory": lambda: measure_memory(MEMORY_EPISODES),
    }


def describe_machine() -> dict[str, Any]:
    """What the figures were measured on."""
    with open_renderer() as renderer:
        drawn_by = {"renderer": renderer.name, "device": renderer.device}
    return {
        "cpu": cpu_name(),
        "cores": count_cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        **drawn_by,
        "lp_num_threads": os.environ.get("LP_NUM_THREADS"),
        "packages": package_versions(),
    }


def print_tables(console: Console, host: dict[str, Any], found: Sequence[Measurement]) -> None:
    """A table per benchmark, below the machine's name."""
    console.print(f"{host['cpu']}, {host['cores']} cores; {host['device']}; Python {host['python']}")
    for group in dict.fromkeys(measurement.group for measurement in found):
        rows = [measurement for measurement in found if measurement.group == group]
        table = Table(title=group, title_justify="left", title_style="bold")
        table.add_column("what")
        table.add_column("figure", justify="right")
        table.add_column("unit")
        table.add_column(RATIO_HEADINGS.get(group, ""), justify="right")
        for row in rows:
            table.add_row(row.name, _figure(row.value), row.unit, _ratio(row))
        console.print(table)


def _figure(value: float) -> str:
    return f"{value:,.1f}" if value >= 100.0 else f"{value:.2f}" if value >= 1.0 else f"{value:.4f}"


def _ratio(row: Measurement) -> str:
    if row.ratio is None:
        return ""
    if row.group in ("loop", "memory"):
        return f"{row.ratio:.1%}"
    return f"{row.ratio:.2f} x" if row.group in ("families", "onnx") else f"{row.ratio:.1f} x"


def main(arguments: Sequence[str]) -> int:
    names = tuple(make_benchmarks("", 1))
    parser = command.Parser(prog="python -m sim.benchmark", description="Measure speed, memory and picture agreement.")
    parser.add_argument("what", nargs="?", type=command.known_name("benchmark", (*names, "all")), default="all")
    parser.add_argument("--policy", default="hybrid", help="whose latency and loop are measured")
    parser.add_argument("--repeats", type=command.bounded_int(1), default=5, help="turns; medians are given")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args(arguments)
    if options.json is not None:
        check_new_file(options.json, "--json")
    limit_threads()
    chosen = names if options.what == "all" else (options.what,)
    if {"policy", "onnx", "loop"} & set(chosen):
        make_policy(options.policy)  # a misspelt one is found out now and not after minutes
    table = make_benchmarks(options.policy, options.repeats)
    host = describe_machine()
    found = [measurement for name in chosen for measurement in table[name]()]
    print_tables(Console(), host, found)
    if options.json is not None:
        write_json(options.json, {"machine": host, "measurements": [asdict(measurement) for measurement in found]})
    return command.DONE


if __name__ == "__main__":
    command.run_cli(main)
