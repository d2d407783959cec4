"""The golden suite: its worlds, its policies, and what each stage of an evaluation computes from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import NamedTuple

import numpy as np

from envs.camera import Renderer, Shot, make_renderer
from envs.camera.shot import CameraImage, common_size
from envs.simulation.lockstep import Lockstep
from envs.simulation.simulation import Simulation
from policies.registry import make_policy
from scenarios.lookup import get_scenario
from scenarios.perturbations import UNPERTURBED, Perturbation, sample_perturbed_world
from scenarios.registry import SCENARIOS
from scenarios.world import World
from sim.benchmark.processors.stages import hash_drive, hash_parts, hash_plan, hash_row
from sim.evaluate.block import DrivenEpisode, drive_block
from sim.results.plan import Block, Cell
from sim.workers.processor import read_processor

SEED = 9970  # of the suite
DISTURBED = (
    ("corridor", "lighting=2"),
    ("clutter", "textures=2"),
    ("rooms", "camera-pose=2"),
    ("doorway", "layout=2+actuation=2"),
)
CASES = (*((name, str(UNPERTURBED)) for name in SCENARIOS), *DISTURBED)  # (scenario, perturbation)
POLICIES = ("straight", "random", "expert")  # without a network: equal on every processor
SEEN_BY = ("corridor", "crossing")  # scenarios that a renderer's digests are taken in
NETWORKS: tuple[str, ...] = ()  # a name here adds its digests, bound to the class of processor
RENDERERS = ("gl", "tiny")
FRAME_SIZE = (112, 112)  # (height, width) of the stored frames, pixels

WORLDS, PHYSICS, LABELS = "worlds", "physics", "expert's labels"


class Stage(NamedTuple):
    """What one stage computed."""

    values: dict[str, str]
    """By case, a hash."""
    bound_to: str = ""
    """The device or processor that it may be compared on; "": every one with AVX2 and the same packages."""


def case_name(scenario: str, perturbation: str) -> str:
    """Return the name of a case."""
    return scenario if perturbation == str(UNPERTURBED) else f"{scenario}, {perturbation}"


def sample_cases() -> dict[str, World]:
    """Sample the worlds of the suite, by the names of their cases."""
    return {
        case_name(*case): sample_perturbed_world(get_scenario(case[0]), SEED, 0, Perturbation.parse(case[1]))
        for case in CASES
    }


def compute_stages() -> dict[str, Stage]:
    """Compute the hashes of every stage but the frames, by name, in the order of an evaluation."""
    worlds = sample_cases()
    with closing(Simulation()) as simulation:
        physics = {name: hash_drive(simulation, world, number) for number, (name, world) in enumerate(worlds.items())}
    stages = {
        WORLDS: Stage({name: hash_parts(repr(world)) for name, world in worlds.items()}),
        PHYSICS: Stage(physics),
        LABELS: Stage({name: hash_plan(world, number) for number, (name, world) in enumerate(worlds.items())}),
    }
    for policy in POLICIES:
        driven = drive_cases(policy, CASES, BlankRenderer())
        stages[drives_of(policy)] = Stage({name: str(episode.row.digest) for name, episode in driven.items()})
        stages[rows_of(policy)] = Stage({name: hash_row(each.row, "digest") for name, each in driven.items()})
    return {**stages, **_compute_bound_stages()}


def _compute_bound_stages() -> dict[str, Stage]:
    """Compute digests over frames, which only the same device or processor repeats."""
    cases = [(name, str(UNPERTURBED)) for name in SEEN_BY]
    stages = {}
    for name in RENDERERS:
        renderer = make_renderer(name)
        seen = drive_cases("straight", cases, renderer)
        stages[seen_by(name)] = Stage({case: str(each.row.digest) for case, each in seen.items()}, renderer.device)
    for network in NETWORKS:
        renderer = make_renderer("gl")
        driven = drive_cases(network, cases, renderer)
        bound_to = f"{renderer.device}, {read_processor()}"
        stages[drives_of(network)] = Stage({case: str(each.row.digest) for case, each in driven.items()}, bound_to)
    return stages


def drives_of(policy: str) -> str:
    """Return the name of the stage of a policy's drives."""
    return f"drives of {policy}"


def rows_of(policy: str) -> str:
    """Return the name of the stage of a policy's rows."""
    return f"rows of {policy}"


def seen_by(renderer: str) -> str:
    """Return the name of the stage of a renderer's digests."""
    return f"digests with {renderer}"


def drive_cases(policy: str, cases: Iterable[tuple[str, str]], renderer: Renderer) -> dict[str, DrivenEpisode]:
    """Drive the first episode of every case, by name, and close the renderer."""
    driven = {}
    with closing(Lockstep(1, renderer)) as lockstep:
        for case in cases:
            block = Block(Cell(policy, *case), SEED, 0, 1)
            (driven[case_name(*case)],) = drive_block(lockstep, make_policy(policy), block, lambda row: None)
    return driven


def draw_frames(renderer: str) -> np.ndarray:
    """Draw the first frame of every case, (n, H, W, 3) uint8."""
    with closing(Lockstep(len(CASES), renderer, FRAME_SIZE)) as lockstep:
        return lockstep.reset(list(sample_cases().values())).pixels


class BlankRenderer:
    """Draws nothing, so that a digest depends on states and actions alone."""

    name = device = "blank"
    reason = ""

    def render(self, shots: Sequence[Shot], depth: bool = False, segmentation: bool = False) -> list[CameraImage]:
        """Return white pictures."""
        return [CameraImage(picture) for picture in self.render_rgb(shots)]

    def render_rgb(self, shots: Sequence[Shot], out: np.ndarray | None = None) -> np.ndarray:
        """Return white pictures, in ``out`` or a new array."""
        width, height = common_size(shots)
        pixels = np.empty((len(shots), height, width, 3), np.uint8) if out is None else out
        pixels[:] = 255
        return pixels

    def refresh(self, client: int) -> None:
        """Do nothing: it reads no shapes."""

    def forget(self, client: int) -> None:
        """Do nothing: it keeps nothing."""

    def close(self) -> None:
        """Do nothing: it has no device."""
