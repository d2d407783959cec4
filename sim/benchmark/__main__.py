"""``python -m sim.benchmark``: measure speed, memory and the agreement of both renderers."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from envs.camera import RENDERERS
from policies.inference.runtime import parse_device
from policies.registry import make_policy
from scenarios.common import cli
from scenarios.common.files import check_new_file
from sim.benchmark.camera import measure_camera, measure_renderer_agreement
from sim.benchmark.closed_loop import measure_memory, profile_control_step
from sim.benchmark.environment import measure_environment, measure_families
from sim.benchmark.gpu.run import measure_gpu_camera, measure_gpu_full, measure_gpu_policy
from sim.benchmark.inference import measure_policy
from sim.benchmark.inference_backends import measure_inference_backends
from sim.benchmark.measurements import Measurement
from sim.benchmark.scenes import open_renderer
from sim.results.folder import write_json
from sim.results.manifest import count_cores, cpu_name, package_versions
from sim.workers.threads import limit_threads

RATIO_HEADINGS = {
    "camera": "relative to tiny",
    "environment": "relative to tiny",
    "families": "relative to corridor",
    "onnx": "relative to eager",
    "loop": "share of step",
    "memory": "relative to first 10 %",
    "gpu": "share of limit",
}
MEMORY_EPISODES = 1000
AGREEMENT_FRAMES = 200
ON_REQUEST = ("gpu-camera", "gpu-policy", "gpu-full")  # not part of "all", which runs anywhere


def make_benchmarks(
    name: str, repeats: int, device: str = "cuda", renderer: str = "gpu"
) -> dict[str, Callable[[], Iterator[Measurement]]]:
    """Make all benchmarks, by their names on the command line."""
    return {
        "camera": lambda: measure_camera(repeats),
        "environment": lambda: measure_environment(repeats),
        "families": lambda: measure_families(repeats),
        "policy": lambda: measure_policy(name, repeats),
        "onnx": lambda: measure_inference_backends(name, repeats),
        "loop": lambda: profile_control_step(name),
        "agreement": lambda: measure_renderer_agreement(AGREEMENT_FRAMES),
        "memory": lambda: measure_memory(MEMORY_EPISODES),
        "gpu-camera": lambda: measure_gpu_camera(device, renderer),
        "gpu-policy": lambda: measure_gpu_policy(name, device, renderer),
        "gpu-full": lambda: measure_gpu_full(device, renderer),
    }


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


def print_tables(console: Console, host: dict[str, Any], found: Sequence[Measurement]) -> None:
    """Print a table per benchmark below the name of the machine."""
    console.print(f"{host['cpu']}, {host['cores']} cores; {host['device']}; Python {host['python']}")
    for group in dict.fromkeys(measurement.group for measurement in found):
        rows = [measurement for measurement in found if measurement.group == group]
        table = Table(title=group, title_justify="left", title_style="bold")
        table.add_column("measurement")
        table.add_column("value", justify="right")
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
    if row.group in ("loop", "memory", "gpu"):
        return f"{row.ratio:.1%}"
    return f"{row.ratio:.2f} x" if row.group in ("families", "onnx") else f"{row.ratio:.1f} x"


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m sim.benchmark",
        description="Measure speed, memory and the agreement of both renderers on this machine.",
    )
    add = parser.add_argument_group("what to measure").add_argument
    names = (*make_benchmarks("", 1), "all")
    add(
        "what",
        nargs="?",
        type=cli.known_name("benchmark", names),
        default="all",
        metavar="BENCHMARK",
        help=", ".join(names),
    )
    add("--policy", default="hybrid", metavar="NAME", help="policy of the benchmarks policy, onnx, loop and gpu-policy")
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
    add = parser.add_argument_group("output").add_argument
    add("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; bad input raises ``InputError``."""
    options = make_parser().parse_args(arguments)
    if options.json is not None:
        check_new_file(options.json, "--json")
    limit_threads()
    benchmarks = make_benchmarks(options.policy, options.repeats, options.device, options.renderer)
    everything = tuple(name for name in benchmarks if name not in ON_REQUEST)
    chosen = everything if options.what == "all" else (options.what,)
    if {"policy", "onnx", "loop"} & set(chosen):
        make_policy(options.policy)  # fails now, not after minutes, if the name is misspelt
    host = describe_machine()
    found = [measurement for name in chosen for measurement in benchmarks[name]()]
    print_tables(Console(), host, found)
    if options.json is not None:
        write_json(options.json, {"machine": host, "measurements": [asdict(measurement) for measurement in found]})
    return cli.DONE


if __name__ == "__main__":
    cli.run_cli(main)
