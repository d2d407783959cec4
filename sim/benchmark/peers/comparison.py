"""Environment steps a second of CPU time, ours against other simulators', in turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from scenarios.robot import IMAGE_SIZE
from sim.benchmark.measurements import Measurement, median_ratio
from sim.benchmark.peers.peer import Peer, RunningPeer

TURN_S = 0.5  # of CPU time
SIDE = IMAGE_SIZE[0]
BOXES = 30
HALLWAY = {"side": SIDE, "scene": "corridor", "boxes": 0}
FIELD = {"side": SIDE, "scene": "boxes", "boxes": BOXES}
MANISKILL = ("mani_skill", "torch", "pytorch_kinematics_ms")


class Comparison(NamedTuple):
    """Our scene, and others' that are like it."""

    ours: Peer
    others: tuple[Peer, ...]


COMPARISONS = (
    Comparison(
        Peer("ours", "our_steps", HALLWAY),
        (
            Peer("Miniworld", "miniworld_hallway", {"side": SIDE}, ("miniworld", "pyglet<2", "numpy")),
            Peer("TinyRenderer", "pybullet_camera", {**HALLWAY, "camera": "tiny"}),
            Peer("EGL plugin", "pybullet_camera", {**HALLWAY, "camera": "egl"}),
            Peer("panda-gym", "panda_gym_reach", {"side": SIDE}, ("panda-gym",)),
            Peer("ManiSkill", "maniskill_push", {"side": SIDE}, MANISKILL, library="vulkan"),
        ),
    ),
    Comparison(
        Peer("ours", "our_steps", FIELD),
        (
            Peer("MuJoCo", "mujoco_boxes", {"side": SIDE, "boxes": BOXES, "samples": 4}, ("mujoco",)),
            Peer("MuJoCo, one sample", "mujoco_boxes", {"side": SIDE, "boxes": BOXES, "samples": 0}, ("mujoco",)),
            Peer("TinyRenderer", "pybullet_camera", {**FIELD, "camera": "tiny"}),
            Peer("EGL plugin", "pybullet_camera", {**FIELD, "camera": "egl"}),
        ),
    ),
)


def measure_peers(
    repeats: int, report: Callable[[str], None], comparisons: tuple[Comparison, ...] = COMPARISONS
) -> Iterator[Measurement]:
    """Measure steps of physics and picture in like scenes; ``report`` is told what did not install or run, and why."""
    for ours, others in comparisons:
        with ExitStack() as open_ones:
            running = [open_ones.enter_context(RunningPeer(ours))]
            for peer in others:
                try:
                    running.append(open_ones.enter_context(RunningPeer(peer)))
                except RuntimeError as error:
                    report(str(error))
            rates: list[list[float]] = [[] for _ in running]
            for _ in range(repeats):
                for each, found in zip(running, rates, strict=True):
                    found.append(each.take_turn(TURN_S))
        for each, found in zip(running, rates, strict=True):
            ratio = None if each is running[0] else median_ratio(rates[0], found)
            yield Measurement("peers", describe_peer(each), median(found), "steps/s", ratio)


def describe_peer(peer: RunningPeer) -> str:
    """Describe a scene: simulator, version, scene, picture, triangles and device."""
    found = peer.description
    triangles = f", {found['triangles']:,} triangles" if "triangles" in found else ""
    return f"{found['name']}, {SIDE}x{SIDE}{triangles}; {found['device']}"
