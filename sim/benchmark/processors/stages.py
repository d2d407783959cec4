"""Hashes of what each stage of an evaluation computes from fixed inputs, to find the stage at which processors part."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial

import numpy as np

from envs.camera import make_renderer
from envs.simulation.command import Command
from envs.simulation.image_corruption import ImageCorruptor
from envs.simulation.lockstep import Lockstep, robot_camera_shot
from envs.simulation.simulation import Simulation
from policies.policy import ObservationBatch
from policies.registry import CHECKPOINTS, make_policy
from policies.scripted.expert import compute_expert_action
from scenarios.common.seeding import make_generator
from scenarios.lookup import get_scenario
from scenarios.navigation.planner import Planner
from scenarios.perturbations import Perturbation, is_supported, sample_perturbed_world
from scenarios.perturbations.registry import AXES
from scenarios.registry import SCENARIOS
from scenarios.robot import IMAGE_SIZE
from scenarios.world import ImageCorruption, World
from sim.benchmark.scenes import SEED, place_at_random
from sim.evaluate.block import drive_block
from sim.results.codec import to_json
from sim.results.plan import BLOCK_EPISODES, Block, Cell
from sim.results.row import EpisodeRow

POSES = 3  # per world: of the expert's labels and of the pictures
STEPS, STEPS_PER_COMMAND = 40, 5  # of a drive by random commands
FRAMES = 3  # of noise
DRIVEN_SCENARIOS, EPISODES = ("corridor", "crossing"), 6  # of each
SCRIPTED = ("straight", "expert")
NETWORKS = {  # by what runs them
    "hybrid": "hybrid",
    "mobile-vla": "mobile-vla",
    "hybrid by ONNX Runtime": str(CHECKPOINTS / "hybrid-onnx" / "hybrid.onnx"),
}
FAULTS = ImageCorruption(noise=0.05, blur_px=1.5, drop=0.2, seed=SEED)
LEVEL = 2  # of every perturbation
TIMES = ("policy_ms", "policy_call_ms")  # columns that differ from run to run


def sample_worlds(count: int) -> list[World]:
    """Sample the first ``count`` worlds of every family."""
    return [get_scenario(name).world(SEED, number) for name in SCENARIOS for number in range(count)]


def hash_worlds(count: int) -> Iterator[str]:
    """Hash the worlds of every family, and the first one under every perturbation."""
    for world in sample_worlds(count):
        yield hash_parts(repr(world))
    for scenario in SCENARIOS.values():
        for axis in AXES:
            perturbation = Perturbation.parse(f"{axis}={LEVEL}")
            if is_supported(scenario, perturbation):
                yield hash_parts(repr(sample_perturbed_world(scenario, SEED, 0, perturbation)))


def hash_plans(count: int) -> Iterator[str]:
    """Hash the path, its length and the expert's labels in every world."""
    for number, world in enumerate(sample_worlds(count)):
        yield hash_plan(world, number)


def hash_plan(world: World, number: int) -> str:
    """Hash the path, its length and the expert's labels at poses that ``number`` seeds."""
    planner, rng = Planner(world), make_generator(number, "benchmark/plans")
    progress = [mover.route.start_m for mover in world.movers]
    start = np.array([world.start.x, world.start.y, world.start.yaw])
    labels = [
        compute_expert_action(planner, start + rng.uniform(-0.3, 0.3, 3), progress) for _ in range(POSES)
    ]  # (p, 3)
    here = planner.at_progress(progress)
    return hash_parts(
        here.path_from(start[:2]), np.array([planner.optimal_m, here.distance_to_goal(start[:2])]), *labels
    )


def hash_physics(count: int) -> Iterator[str]:
    """Hash all states of a drive by random commands in every world."""
    with closing(Simulation()) as simulation:
        for number, world in enumerate(sample_worlds(count)):
            yield hash_drive(simulation, world, number)


def hash_drive(simulation: Simulation, world: World, number: int) -> str:
    """Hash all states of a drive by random commands, which ``number`` seeds."""
    states, rng = [simulation.reset(world)], make_generator(number, "benchmark/physics")
    snapshots = [simulation.snapshot()]
    for step in range(STEPS):
        if step % STEPS_PER_COMMAND == 0:
            action = rng.uniform(-1.0, 1.0, 3).astype(np.float32)
        states.append(simulation.step(Command(action, action, 0)))
        snapshots.append(simulation.snapshot())
        if states[-1].status is not None:
            break
    numbers = [np.array([*state.pose, *state.agent_pos, state.clearance_m]) for state in states]
    return hash_parts(*numbers, *snapshots, *[f"{state.status} {state.touched}" for state in states])


def hash_pictures(count: int, renderer: str) -> Iterator[str]:
    """Hash pictures of every world."""
    with closing(Simulation()) as simulation, closing(make_renderer(renderer)) as camera:
        for number, world in enumerate(sample_worlds(count)):
            simulation.reset(world)
            camera.refresh(simulation.client)
            for pose in range(POSES):
                place_at_random(simulation, POSES * number + pose)
                yield hash_parts(camera.render_rgb([robot_camera_shot(simulation)])[0])


def hash_faulty_frames(count: int) -> Iterator[str]:
    """Hash frames after blur, noise and loss."""
    corruptor = ImageCorruptor(FAULTS)
    for frame in _draw_noise(count):
        yield hash_parts(corruptor.apply(frame))


def hash_preprocessed(count: int) -> Iterator[str]:
    """Hash frames as the networks take them."""
    import torch

    from policies.backbones.preprocessing import downsample_frames, normalise_pixels

    planes = downsample_frames(torch.from_numpy(_draw_noise(count)), IMAGE_SIZE[0] // 4)
    yield from (hash_parts(plane.numpy()) for plane in planes)
    yield from (hash_parts(plane.numpy()) for plane in normalise_pixels(planes))


def hash_actions(policy_name: str) -> Iterator[str]:
    """Hash the actions of a network on frames of noise, in a whole block of slots, whose memories go on."""
    import torch

    torch.set_num_threads(1)  # as in a worker
    policy, slots = make_policy(policy_name), BLOCK_EPISODES
    policy.reset(range(slots), [world.instruction for world in sample_worlds(2)[:slots]])
    for step in range(FRAMES):
        still = np.zeros((slots, 6), np.float32)
        actions = policy.act(ObservationBatch(_draw_noise(slots, step), still, np.ones(slots, bool)))
        yield from (hash_parts(action) for action in actions)


def hash_rows(policy_name: str) -> Iterator[str]:
    """Hash the rows of a few episodes, metrics and digest included."""
    with closing(Lockstep(EPISODES)) as lockstep:
        for scenario in DRIVEN_SCENARIOS:
            block = Block(Cell(policy_name, scenario), SEED, 0, EPISODES)
            for driven in drive_block(lockstep, make_policy(policy_name), block, lambda row: None):
                yield hash_row(driven.row)


def hash_row(row: EpisodeRow, *left_out: str) -> str:
    """Hash the columns of a row, without times, what made it, and those that are left out."""
    columns = to_json(row)
    return hash_parts(repr({name: columns[name] for name in columns if name not in (*TIMES, "made_by", *left_out)}))


def make_stages(worlds: int) -> dict[str, Callable[[], Iterator[str]]]:
    """Make the function of each stage, by name, in the order of an evaluation.

    Args:
        worlds: Number of worlds of every family.
    """
    stages: dict[str, Callable[[], Iterator[str]]] = {
        "worlds": lambda: hash_worlds(worlds),
        "plans and labels": lambda: hash_plans(worlds),
        "physics": lambda: hash_physics(worlds),
        "pictures, OpenGL": lambda: hash_pictures(worlds, "auto"),
        "pictures, TinyRenderer": lambda: hash_pictures(1, "tiny"),
        "image faults": lambda: hash_faulty_frames(FRAMES),
        "preprocessing": lambda: hash_preprocessed(FRAMES),
    }
    rows = {f"rows of {policy}": partial(hash_rows, policy) for policy in SCRIPTED}
    actions = {f"actions of {name}": partial(hash_actions, policy) for name, policy in NETWORKS.items()}
    return {**stages, **rows, **actions}


def hash_stages(worlds: int, names: Sequence[str]) -> dict[str, list[str]]:
    """Compute the hashes of these stages, by name: one for each world, picture, row or action."""
    stages = make_stages(worlds)
    return {name: list(stages[name]()) for name in names}


def _draw_noise(count: int, seed: int = 0) -> np.ndarray:
    frames: np.ndarray = make_generator(seed, "benchmark/noise").integers(0, 256, (count, *IMAGE_SIZE, 3), np.uint8)
    return frames


def hash_parts(*parts: np.ndarray | str) -> str:
    """Hash arrays, by their bytes, and texts."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else np.ascontiguousarray(part).data)
    return found.hexdigest()
