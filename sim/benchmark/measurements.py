"""Measurements of speed, memory and picture agreement.

Rivals take turns within one run, so that a busy moment of the machine hits them all.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from envs.camera import Renderer, Shot, make_renderer
from envs.simulation.command import Command
from envs.simulation.lockstep import Lockstep, robot_camera_shot
from envs.simulation.simulation import Simulation
from policies.policy import ObservationBatch, Policy
from policies.registry import make_policy
from scenarios.common.seeding import make_generator
from scenarios.lookup import get_scenario
from scenarios.registry import SCENARIOS
from scenarios.robot import IMAGE_SIZE
from scenarios.world import World
from sim.metrics.score import score_episode
from sim.record.drivers.dagger import ActionDisturbance, DaggerPolicy
from sim.rollout.digest import DigestObserver
from sim.rollout.episode import Episode
from sim.rollout.loop import rollout_episodes
from sim.rollout.trace import TraceObserver

SEED = 5  # of the suite whose worlds are measured
SCENARIO = "corridor"
IMAGE_SIDES = (84, 224, 448)  # pixels, of square pictures
TILE_COUNTS = (1, 16)  # pictures drawn at a time
SLOTS = 16
BATCH_SIZES = (1, 16)
MIN_TURN_S = 0.25  # one turn of a measurement lasts at least so long
PIXEL_TOLERANCE = 16  # of 255: how far the worst channel of a pixel may be off and still count as equal


@dataclass(frozen=True)
class Measurement:
    """One figure.

    Attributes:
        group: Which benchmark it belongs to.
        name: What was measured.
        value: The median over the repeats.
        unit: Its unit.
        ratio: How many times the rival's, as the median over turns that stood side by side; None without a rival.
    """

    group: str
    name: str
    value: float
    unit: str
    ratio: float | None = None


def measure_rates(rivals: Mapping[str, Callable[[], int]], repeats: int) -> dict[str, list[float]]:
    """Units a second of each rival, per turn; they take turns, and each warms up once.

    Args:
        rivals: By name, a function that does some work and says how many units it was.
        repeats: Turns.
    """
    for work in rivals.values():
        work()
    found: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(repeats):
        for name, work in rivals.items():
            began, done = time.perf_counter(), 0
            while (passed := time.perf_counter() - began) < MIN_TURN_S or not done:
                done += work()
            found[name].append(done / passed)
    return found


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the turns' own ratios."""
    return median([one / other for one, other in zip(ours, theirs, strict=True)])


@contextmanager
def open_simulations(count: int) -> Iterator[list[Simulation]]:
    """Simulations of the first ``count`` worlds, each with its robot somewhere along its way."""
    made = [Simulation() for _ in range(count)]
    try:
        for number, simulation in enumerate(made):
            simulation.reset(get_scenario(SCENARIO).world(SEED, number))
            place_at_random(simulation, number)
        yield made
    finally:
        for simulation in made:
            simulation.close()


def place_at_random(simulation: Simulation, number: int) -> None:
    """Put the robot at a place and yaw drawn for this number, in the free half of the world before the targets."""
    rng, (x_min, y_min, x_max, y_max) = make_generator(number, "benchmark"), simulation.world.bounds_m
    x = x_min + 0.4 + rng.uniform(0.0, 0.6) * (x_max - x_min)
    y = rng.uniform(y_min + 0.4, y_max - 0.4)
    simulation.restore_snapshot(np.array([x, y, rng.uniform(-0.6, 0.6), 0.0, 0.0, 0.0]))


def measure_camera(repeats: int) -> Iterator[Measurement]:
    """Frames a second of both renderers."""
    with open_simulations(max(TILE_COUNTS)) as made, open_renderers() as (gl, tiny):
        for side in IMAGE_SIDES:
            for tiles in TILE_COUNTS:
                shots = [_square(robot_camera_shot(simulation), side) for simulation in made[:tiles]]
                found = measure_rates({"gl": _drawing(gl, shots), "tiny": _drawing(tiny, shots)}, repeats)
                what = f"{side}x{side}, {tiles} at a time"
                speedup = median_ratio(found["gl"], found["tiny"])
                yield Measurement("camera", f"gl, {what}", median(found["gl"]), "frames/s", speedup)
                yield Measurement("camera", f"tiny, {what}", median(found["tiny"]), "frames/s")


@contextmanager
def open_renderers() -> Iterator[tuple[Renderer, Renderer]]:
    """Both renderers, the OpenGL one first."""
    with ExitStack() as open_ones:
        pair = make_renderer("gl"), make_renderer("tiny")
        for renderer in pair:
            open_ones.callback(renderer.close)
        yield pair


def _square(shot: Shot, side: int) -> Shot:
    return Shot(shot.client, shot.view, side, side, shot.light, shot.background)


def _drawing(renderer: Renderer, shots: Sequence[Shot]) -> Callable[[], int]:
    return lambda: len(renderer.render_rgb(shots))


def measure_environment(repeats: int) -> Iterator[Measurement]:
    """Environment steps a second at the policy's image size, physics and bookkeeping included, in this one process."""
    for slots in TILE_COUNTS:
        with ExitStack() as open_ones:
            blocks = {name: Lockstep(slots, name) for name in ("gl", "tiny")}
            for block in blocks.values():
                open_ones.callback(block.close)
            found = measure_rates({name: _stepping(block, slots) for name, block in blocks.items()}, repeats)
        what = f"{IMAGE_SIZE[1]}x{IMAGE_SIZE[0]}, {slots} side by side"
        speedup = median_ratio(found["gl"], found["tiny"])
        yield Measurement("environment", f"gl, {what}", median(found["gl"]), "steps/s", speedup)
        yield Measurement("environment", f"tiny, {what}", median(found["tiny"]), "steps/s")


def measure_families(repeats: int) -> Iterator[Measurement]:
    """Environment steps a second of every scenario family, beside the corridor's."""
    with ExitStack() as open_ones:
        blocks = {name: Lockstep(BATCH_SIZES[-1], "auto") for name in SCENARIOS}
        for block in blocks.values():
            open_ones.callback(block.close)
        found = measure_rates(
            {name: _stepping(block, BATCH_SIZES[-1], name) for name, block in blocks.items()}, repeats
        )
    for name, steps in found.items():
        yield Measurement("families", name, median(steps), "steps/s", median_ratio(steps, found[SCENARIO]))


def _stepping(block: Lockstep, slots: int, scenario: str = SCENARIO) -> Callable[[], int]:
    """Sway to and fro on the spot, so that nothing that stands is hit however long it takes."""
    block.reset([get_scenario(scenario).world(SEED, number) for number in range(slots)])
    live, turn = np.ones(slots, bool), [1.0]

    def step() -> int:
        turn[0] = -turn[0]
        block.step(Command.hold(np.tile([0.0, 0.3 * turn[0], 0.5 * turn[0]], (slots, 1))), live)
        return slots

    return step


def measure_policy(name: str, repeats: int) -> Iterator[Measurement]:
    """How long a policy takes for an answer, by batch size and threads."""
    answering = make_policy(name)
    threads = _thread_counts()
    with open_simulations(max(BATCH_SIZES)) as made, open_renderer() as renderer:
        pixels = renderer.render_rgb([robot_camera_shot(simulation) for simulation in made])
        worlds = [simulation.world for simulation in made]
    for size in BATCH_SIZES:
        batch = ObservationBatch(pixels[:size], np.zeros((size, 6), np.float32), np.ones(size, bool))
        answering.reset(range(size), [world.instruction for world in worlds[:size]])
        for count, set_threads in threads.items():
            set_threads()
            found = measure_rates({name: partial(_act, answering, batch)}, repeats)[name]
            milliseconds = 1e3 * size / median(found)
            plural = "s" if count != 1 else ""
            yield Measurement("policy", f"{name}, batch {size}, {count} thread{plural}", milliseconds, "ms/answer")


def _act(answering: Policy, batch: ObservationBatch) -> int:
    answering.act(batch)
    return len(batch.live)


def _thread_counts() -> dict[int, Callable[[], None]]:
    """Numbers of threads to try, and how torch is told."""
    import torch

    most = len(os.sched_getaffinity(0))
    return {count: partial(torch.set_num_threads, count) for count in sorted({1, most})}


@contextmanager
def open_renderer() -> Iterator[Renderer]:
    renderer = make_renderer()
    try:
        yield renderer
    finally:
        renderer.close()


class Stopwatch:
    """Adds up the time spent in some functions; what none of them took is nobody's."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def watch(self, part: str, owner: Any, *names: str) -> None:
        """Time these methods of one object from now on."""
        for name in names:
            setattr(owner, name, self._timed(part, getattr(owner, name)))

    def _timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[part] += time.perf_counter() - began

        return timed


def profile_control_step(name: str) -> Iterator[Measurement]:
    """Where the time of a closed-loop step goes, over one block of episodes from their start to their rows."""
    clock, driver, block = Stopwatch(), make_policy(name), Lockstep(SLOTS)
    try:
        traces, digests = TraceObserver(block.simulations), DigestObserver()
        _run(block, driver, range(SLOTS), traces, digests)  # warms everything up
        for simulation in block.simulations:
            clock.watch("building scenes", simulation, "reset")
            clock.watch("physics, contacts and task", simulation, "step")
        clock.watch("camera", block.renderer, "render_rgb", "refresh")
        clock.watch("policy", driver, "act", "reset")
        clock.watch("digest", digests, "started", "stepped", "ended")
        clock.watch("trace and expert's labels", traces, "started", "stepped", "ended")
        began = time.perf_counter()
        steps = _run(block, driver, range(SLOTS, 2 * SLOTS), traces, digests)
        total = time.perf_counter() - began
    finally:
        block.close()
    clock.seconds["metrics, worlds and bookkeeping"] = total - sum(clock.seconds.values())
    for part, seconds in sorted(clock.seconds.items(), key=lambda entry: -entry[1]):
        yield Measurement("loop", f"{name}: {part}", 1e3 * seconds / steps, "ms/step", seconds / total)
    yield Measurement("loop", f"{name}: all", 1e3 * total / steps, "ms/step", 1.0)


def _run(block: Lockstep, driver: Policy, numbers: range, traces: TraceObserver, digests: DigestObserver) -> int:
    """Drive these episodes as an evaluation does, and score them; returns the steps driven."""
    episodes = [Episode(SCENARIO, SEED, number) for number in numbers]
    worlds = [get_scenario(SCENARIO).world(SEED, number) for number in numbers]
    outcomes = rollout_episodes(block, driver, episodes, worlds, (traces, digests))
    for slot, (world, outcome) in enumerate(zip(worlds, outcomes, strict=True)):
        score_episode(traces.traces[slot], world, outcome)
    return sum(outcome.steps for outcome in outcomes)


def measure_renderer_agreement(frames: int) -> Iterator[Measurement]:
    """How alike the two renderers' pictures are, over as many worlds as frames."""
    close, differences = [], []
    simulation = Simulation()
    try:
        with open_renderers() as (gl, tiny):
            for number in range(frames):
                simulation.reset(get_scenario(SCENARIO).world(SEED, number))
                place_at_random(simulation, number)
                pictures = []
                for renderer in (gl, tiny):
                    renderer.refresh(simulation.client)
                    pictures.append(renderer.render_rgb([robot_camera_shot(simulation)])[0].astype(np.int16))
                difference = np.abs(pictures[0] - pictures[1])
                close.append((difference.max(axis=2) <= PIXEL_TOLERANCE).mean())
                differences.append(difference.mean())
    finally:
        simulation.close()
    what = f"over {frames} frames"
    yield Measurement("agreement", f"pixels within {PIXEL_TOLERANCE}/255, {what}", 100.0 * float(np.mean(close)), "%")
    yield Measurement("agreement", f"the worst frame of {frames}", 100.0 * float(np.min(close)), "%")
    yield Measurement("agreement", f"mean difference, {what}", float(np.mean(differences)), "of 255")


def measure_memory(episodes: int) -> Iterator[Measurement]:
    """Resident memory of this process at a tenth of the episodes and at the end, driven and scored by the expert."""
    block = Lockstep(SLOTS)
    traces, digests, driver = (
        TraceObserver(block.simulations),
        DigestObserver(),
        DaggerPolicy(None, ActionDisturbance()),
    )
    early_mb = 0.0
    try:
        for first in range(0, episodes, SLOTS):
            numbers = range(first, first + SLOTS)
            worlds: list[World] = [get_scenario(SCENARIO).world(SEED, number) for number in numbers]
            driver.prepare([Episode(SCENARIO, SEED, number) for number in numbers], worlds, SLOTS)
            _run(block, driver, numbers, traces, digests)
            if not early_mb and first + SLOTS >= episodes / 10:
                early_mb = resident_mb()
                yield Measurement("memory", f"after {first + SLOTS} episodes", early_mb, "MiB")
        late_mb = resident_mb()
        yield Measurement("memory", f"after {first + SLOTS} episodes", late_mb, "MiB", late_mb / early_mb)
    finally:
        block.close()


def resident_mb() -> float:
    """Resident memory of this process, MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
