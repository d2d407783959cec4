"""Films of finished episodes, drawn from their traces, so that driving never waits for them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from envs.camera import Renderer, Shot, make_renderer
from envs.simulation.lockstep import robot_camera_shot
from envs.simulation.simulation import Simulation
from envs.simulation.views import third_person_view
from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import Target, World, footprint_radius
from sim.drawing.film_frame import FrameCanvas, InstrumentReadings, PanelImages, layout_for
from sim.drawing.map_overlay import Circle, MapOverlay
from sim.drawing.map_panel import SURROUND_COLOUR, MapPanel
from sim.drawing.style import BAD, GOOD, RUNNING, Colour
from sim.drawing.video import FPS, write_mp4
from sim.metrics.visibility import mover_trajectories
from sim.results.row import EpisodeRow
from sim.rollout.trace import EpisodeTrace

START_PAUSE_S = 0.4
END_PAUSE_S = 1.8  # time to read the verdict


def write_film(
    simulation: Simulation,
    trace: EpisodeTrace,
    world: World,
    row: EpisodeRow,
    path: Path,
    *,
    title: str,
    renderer: Renderer | None = None,
) -> Path:
    """Draw an episode from its snapshots and write it as an mp4 (H.264, yuv420p, real time).

    Args:
        simulation: Any simulation; it is reset to ``world``, and its own episode is lost.
        trace: The episode's trace.
        world: The episode's world.
        row: The episode's status and metrics.
        path: The file; it appears complete or not at all.
        title: The line below the instruction: policy, scenario and episode.
        renderer: The renderer to draw with; None: a new one for this film.

    Returns:
        ``path``.
    """
    own = renderer is None
    camera = make_renderer() if renderer is None else renderer
    try:
        return write_mp4(render_film_frames(simulation, trace, world, row, title=title, renderer=camera), path)
    finally:
        if own:
            camera.forget(simulation.client)
            camera.close()


def render_film_frames(
    simulation: Simulation, trace: EpisodeTrace, world: World, row: EpisodeRow, *, title: str, renderer: Renderer
) -> Iterator[np.ndarray]:
    """Yield the frames of a film, (544, 944, 3) uint8: one per control step, the first and the last repeated."""
    simulation.reset(world)
    renderer.refresh(simulation.client)
    layout = layout_for(world.bounds_m)
    canvas, above = FrameCanvas(layout), MapPanel(simulation, renderer, world, layout.map)
    moved = mover_trajectories(world, trace.progress)
    for step in range(trace.steps + 1):
        simulation.restore_snapshot(trace.snapshots[step])
        behind = third_person_view(simulation)
        shot = Shot(simulation.client, behind, *layout.scene.size, world.light, SURROUND_COLOUR, high_quality=True)
        scene, camera = renderer.render([shot, robot_camera_shot(simulation)])
        images = PanelImages(scene.rgb, camera.rgb, above.draw(overlay_at(trace, world, step, moved)))
        picture = canvas.draw(images, instrument_readings_at(trace, world, row, step, title))
        held_s = END_PAUSE_S if step == trace.steps else START_PAUSE_S if step == 0 else 0.0
        for _ in range(1 + round(held_s * FPS)):
            yield picture


def overlay_at(trace: EpisodeTrace, world: World, step: int, moved: Mapping[str, np.ndarray]) -> MapOverlay:
    """Return what the map shows at a step; ``moved`` are the ``mover_trajectories`` of the whole episode."""
    task = world.task
    trail = moved.get(task.goal.name)
    targets = {target.name for target in (task.goal, *task.others)}
    return MapOverlay(
        driven=trace.poses[: step + 1, :2],
        reference=trace.reference if trail is None else np.zeros((0, 2)),  # it leads to the goal's first place
        goal=_circle(task.goal, moved, step),
        others=tuple(_circle(other, moved, step) for other in task.others),
        trail=np.zeros((0, 2)) if trail is None else trail[: step + 1, :2],
        movers=tuple(
            ((float(poses[step, 0]), float(poses[step, 1])), footprint_radius(world.item(name)))
            for name, poses in moved.items()
            if name not in targets
        ),
        side=task.side,
    )


def _circle(target: Target, moved: Mapping[str, np.ndarray], step: int) -> Circle:
    """Return the centre and radius of a target's circle at a step."""
    if target.name in moved:
        return (float(moved[target.name][step, 0]), float(moved[target.name][step, 1])), target.radius_m
    return (target.pose.x, target.pose.y), target.radius_m


def instrument_readings_at(
    trace: EpisodeTrace, world: World, row: EpisodeRow, step: int, title: str
) -> InstrumentReadings:
    """Return what the instruments show at a step; the action is the one about to be executed."""
    last = step == trace.steps
    at = min(step, trace.steps - 1)
    nothing = np.zeros(3)
    return InstrumentReadings(
        title=title,
        instruction=world.instruction,
        badge=format_badge(trace, world, row, step),
        time_s=step * CONTROL_PERIOD_S,
        to_goal_m=float(trace.to_goal_m[step]),
        clearance_m=float(trace.clearance_m[step]),
        action=trace.actions[at] if trace.steps else nothing,
        label=trace.labels[at] if trace.steps else nothing,
        verdict=format_verdict(world, row) if last else (),
    )


def format_badge(trace: EpisodeTrace, world: World, row: EpisodeRow, step: int) -> tuple[str, Colour]:
    """Return the state of the episode at a step in a word or two, and its colour."""
    if step == trace.steps:
        return row.ending, GOOD if row.success else BAD
    task = world.task
    if not task.must_stay or (stay := measure_stay(trace, world, step))[0] == 0.0:
        return "driving", RUNNING
    if task.hold_m > 0.0:
        return f"following {stay[1]:.1f} of {task.hold_m:.1f} m", GOOD
    return f"holding {stay[0]:.1f} of {task.hold_s:.1f} s", GOOD


def measure_stay(trace: EpisodeTrace, world: World, step: int) -> tuple[float, float]:
    """Return how long, s, the robot has stayed in the goal's circle up to a step, and how far, m, the goal went.

    Counted in control steps, as the task counts them.
    """
    steps, went_m, after = 0, 0.0, None
    for (x, y, _), progress in zip(trace.poses[step::-1].tolist(), trace.progress[step::-1].tolist(), strict=True):
        goal = world.goal_at(progress).xy
        if math.dist((x, y), goal) > world.task.goal.radius_m:
            break
        went_m += 0.0 if after is None else math.dist(goal, after)
        steps, after = steps + 1, goal
    return steps * CONTROL_PERIOD_S, went_m


def format_verdict(world: World, row: EpisodeRow) -> tuple[str, str]:
    """Return two lines: how the episode ended, and its metrics."""
    metrics = row.metrics
    mae = metrics["on_policy_mae"]
    figures = [
        f"path {metrics['path_m']:.1f} m of {metrics['optimal_m']:.1f} m",
        f"SPL {metrics['spl']:.2f}",
        f"minimum clearance {max(metrics['clearance_m'] or 0.0, 0.0):.2f} m",
        f"at risk {metrics['risk_s']:.1f} s",
        f"MAE to expert {'-' if mae is None else f'{mae:.3f}'}",
    ]
    return f"{_ending(world, row)} after {row.steps * CONTROL_PERIOD_S:.1f} s", "   ·   ".join(figures)


def _ending(world: World, row: EpisodeRow) -> str:
    """Describe how the episode ended, e.g. "Collision with the box-0"."""
    task = world.task
    word = row.status.replace("-", " ").capitalize()
    if row.touched is not None:
        return f"{word} with the {row.touched}"
    if row.error:
        return f"{word}: {row.error[:48]}"
    if row.status == "wrong-target":
        reached = next(other for other in task.others if other.name == row.reached)
        return f"{word}, the {reached.description}"
    if row.status == "wrong-side" and task.side is not None:
        return f"{word} (“{task.side.name}” was required)"
    return word if row.ending == row.status else f"{row.ending.capitalize()}: {row.status}"
