"""``python -m sim.benchmark``: measure speed, memory, agreement and coverage, and whether results moved."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from envs.camera import RENDERERS
from policies.inference.runtime import count_cores, parse_device
from policies.registry import make_policy
from scenarios.common import cli
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_file, write_text
from sim.benchmark.camera import measure_camera, measure_renderer_agreement
from sim.benchmark.coverage.run import measure_coverage
from sim.benchmark.environment import measure_environment, measure_families, measure_vector_environments
from sim.benchmark.floors import measure_floors
from sim.benchmark.golden.golden import GROUP as GOLDEN
from sim.benchmark.golden.golden import measure_golden
from sim.benchmark.gpu.run import measure_gpu_camera, measure_gpu_full, measure_gpu_policy
from sim.benchmark.growth.growth import measure_growth
from sim.benchmark.growth.memory import measure_memory
from sim.benchmark.growth.rows import measure_rows
from sim.benchmark.growth.workers import measure_workers
from sim.benchmark.inference import measure_policy
from sim.benchmark.inference_backends import measure_inference_backends
from sim.benchmark.loop.ledger import measure_ledger
from sim.benchmark.measurements import Measurement
from sim.benchmark.output.charts import CHARTS
from sim.benchmark.output.tables import format_markdown, print_tables
from sim.benchmark.peers.comparison import measure_peers
from sim.benchmark.processors.processors import measure_processors
from sim.benchmark.scenes import open_renderer
from sim.benchmark.server import measure_server
from sim.benchmark.soak.outcome import GROUP as SOAK
from sim.benchmark.soak.outcome import MUST_BE_ZERO
from sim.benchmark.soak.soak import measure_soak
from sim.results.provenance.facts import package_versions
from sim.results.run_files import write_json
from sim.workers.processor import cpu_name
from sim.workers.threads import limit_threads

MEMORY_EPISODES = 1000
AGREEMENT_FRAMES = 200
# Not part of "all": four take long, two judge, one installs software, one writes into the package, the others need a
# GPU.
ON_REQUEST = (
    "statistics",
    "growth",
    "rows",
    "processors",
    GOLDEN,
    SOAK,
    "peers",
    "floors",
    "gpu-camera",
    "gpu-policy",
    "gpu-full",
)
DRIVEN = {"policy", "onnx", "loop", "workers", "server", "processors", "gpu-policy"}  # by the policy of --policy


def make_benchmarks(
    name: str,
    repeats: int,
    largest: int = 1000,
    device: str = "cuda",
    renderer: str = "gpu",
    renew: str | None = None,
    episodes: int = 1000,
) -> dict[str, Callable[[], Iterator[Measurement]]]:
    """Make all benchmarks, by their names on the command line."""
    return {
        "camera": lambda: measure_camera(repeats),
        "environment": lambda: measure_environment(repeats),
        "vector": lambda: measure_vector_environments(repeats),
        "families": lambda: measure_families(repeats),
        "policy": lambda: measure_policy(name, repeats),
        "onnx": lambda: measure_inference_backends(name, repeats),
        "loop": lambda: measure_ledger(name, repeats),
        "agreement": lambda: measure_renderer_agreement(AGREEMENT_FRAMES),
        "memory": lambda: measure_memory(MEMORY_EPISODES),
        "workers": lambda: measure_workers(name, repeats),
        "server": lambda: measure_server(name, repeats),
        "statistics": measure_coverage,
        "growth": lambda: measure_growth(largest),
        "rows": lambda: measure_rows(largest),
        "processors": lambda: measure_processors(name),
        GOLDEN: lambda: measure_golden(renew),
        SOAK: lambda: measure_soak(episodes),
        "peers": lambda: measure_peers(repeats, _report_missing),
        "floors": measure_floors,
        "gpu-camera": lambda: measure_gpu_camera(device, renderer),
        "gpu-policy": lambda: measure_gpu_policy(name, device, renderer),
        "gpu-full": lambda: measure_gpu_full(device, renderer),
    }


def _report_missing(reason: str) -> None:
    print(f"not measured: {reason}", file=sys.stderr)


def describe_machine() -> dict[str, Any]:
    """Describe the machine, the renderer and the packages that the figures were measured with."""
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


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m sim.benchmark",
        description="Measure speed, memory and the agreement of both renderers on this machine, how often intervals "
        "contain the truth (statistics), and whether this machine and code compute what they should (golden).",
    )
    add = parser.add_argument_group("what to measure").add_argument
    names = (*make_benchmarks("", 1), "all")
    add(
        "what",
        nargs="?",
        type=cli.known_name("benchmark", names),
        default="all",
        metavar="BENCHMARK",
        help=f"{', '.join(names)}; 'all' leaves out {' and '.join(ON_REQUEST)}",
    )
    add("--policy", default="hybrid", metavar="NAME", help=f"policy of the benchmarks {', '.join(sorted(DRIVEN))}")
    add(
        "--device",
        type=parse_device,
        default="cuda",
        metavar="cpu|cuda|cuda:N",
        help="device of the gpu benchmarks' networks; on cpu they are small",
    )
    add(
        "--renderer",
        type=cli.known_name("renderer", RENDERERS),
        default="gpu",
        metavar="|".join(RENDERERS),
        help="renderer of the gpu benchmarks",
    )
    add("--repeats", type=cli.bounded_int(1), default=5, metavar="N", help="number of turns; medians are reported")
    add(
        "--largest",
        type=cli.bounded_int(10, 1_000_000),
        default=1000,
        metavar="N",
        help="most episodes of growth, those of rows",
    )
    add(
        "--peers",
        action="store_true",
        help="also measure other simulators; the first time, they are installed into an environment of their own",
    )
    add("--episodes", type=cli.bounded_int(1), default=1000, metavar="N", help="least number of episodes of soak")
    add(
        "--renew",
        metavar="LINE",
        help="store the golden runs anew; the line of CHANGELOG.md that says why they move (golden)",
    )
    add = parser.add_argument_group("output").add_argument
    add("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    add("--tables", type=Path, metavar="FILE.md", help="also write the tables to this file, as Markdown")
    add("--plot", type=Path, metavar="FILE.svg", help=f"also draw a chart: only for {' and '.join(CHARTS)}")
    return parser


def choose_benchmarks(options: argparse.Namespace, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the benchmarks to run.

    Raises:
        InputError: There is no chart of them, and one is asked for; or something else than golden runs is renewed.
    """
    if options.renew is not None and options.what != GOLDEN:
        raise InputError(f"--renew is for 'golden', not for '{options.what}'")
    if options.plot is not None and options.what not in CHARTS:
        raise InputError(f"--plot: there is no chart of '{options.what}', only of {' and '.join(CHARTS)}")
    chosen = [options.what] if options.what != "all" else [name for name in names if name not in ON_REQUEST]
    return tuple(dict.fromkeys([*chosen, *(["peers"] if options.peers else [])]))


def main(arguments: Sequence[str]) -> int:
    """Run the command; bad input raises ``InputError``."""
    options = make_parser().parse_args(arguments)
    for flag, ending in (("json", ".json"), ("tables", ".md"), ("plot", ".svg")):
        if (path := getattr(options, flag)) is not None:
            check_new_file(path, f"--{flag}", (ending,))
    limit_threads()
    benchmarks = make_benchmarks(
        options.policy,
        options.repeats,
        options.largest,
        options.device,
        options.renderer,
        options.renew,
        options.episodes,
    )
    chosen = choose_benchmarks(options, tuple(benchmarks))
    if DRIVEN & set(chosen):
        make_policy(options.policy)  # fails now, not after minutes, if the name is misspelt
    host = describe_machine()
    found = [measurement for name in chosen for measurement in benchmarks[name]()]
    print_tables(Console(markup=False), host, found)
    if options.json is not None:
        write_json(options.json, {"machine": host, "measurements": [asdict(measurement) for measurement in found]})
    if options.tables is not None:
        write_text(options.tables, format_markdown(host, found))
    if options.plot is not None:
        write_text(options.plot, CHARTS[options.what](found))
    return cli.GATE_FAILED if options.renew is None and any(map(is_fault, found)) else cli.DONE


def is_fault(found: Measurement) -> bool:
    """Return whether a measurement is one that must be zero, and isn't."""
    judged = found.group == GOLDEN or (found.group == SOAK and found.name in MUST_BE_ZERO)
    return judged and bool(found.value)


if __name__ == "__main__":
    cli.run_cli(main)
