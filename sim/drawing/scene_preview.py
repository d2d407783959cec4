"""A picture of an episode's first moment: its map, the robot's camera image and the instruction."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from envs.camera import Shot, View
from envs.simulation.lockstep import Lockstep
from envs.simulation.views import map_view
from scenarios.geometry import Pose2D
from scenarios.navigation.planner import Planner
from scenarios.robot import IMAGE_SIZE
from scenarios.world import Target, World, footprint_radius
from sim.drawing.map_overlay import (
    SUPERSAMPLING,
    Circle,
    MapOverlay,
    draw_overlay,
    new_overlay,
    overlay_pixels,
    paste_overlay,
    project_floor_points,
)
from sim.drawing.map_panel import SURROUND_COLOUR
from sim.drawing.style import (
    BACKGROUND,
    DRIVEN_PATH,
    EXPERT_PATH,
    FAINT,
    GOAL,
    MOVER,
    TEXT,
    WRONG_TARGET,
    Colour,
    Rect,
    fit_font,
    load_font,
)

PANEL_HEIGHT = 2 * IMAGE_SIZE[0]  # of both panels, pixels: the camera image is doubled
MAX_MAP_WIDTH = 1040
MARGIN, HEADER, FOOTER = 16, 76, 36
ARROW_M, HEAD_M, HEAD_ANGLE = 0.60, 0.20, math.radians(28)


def draw_scene_preview(lockstep: Lockstep, world: World, title: str) -> Image.Image:
    """Draw the first moment of an episode.

    Args:
        lockstep: Simulations and renderer to draw with; their episodes are lost.
        world: The episode's world.
        title: The line below the instruction, e.g. scenario, seed and episode.

    Returns:
        A picture 560 pixels high, as wide as the shape of the world requires.
    """
    seen = lockstep.reset([world]).pixels[0]
    panel = Rect(MARGIN, HEADER, _map_width(world), PANEL_HEIGHT)
    camera = Rect(panel.x + panel.width + MARGIN, HEADER, 2 * IMAGE_SIZE[1], PANEL_HEIGHT)
    picture = Image.new("RGB", (camera.x + camera.width + MARGIN, HEADER + PANEL_HEIGHT + FOOTER), BACKGROUND)
    picture.paste(_map(lockstep, world, panel), (panel.x, panel.y))
    picture.paste(Image.fromarray(seen).resize(camera.size, Image.Resampling.BICUBIC), (camera.x, camera.y))
    draw = ImageDraw.Draw(picture)
    said = f"“{world.instruction}”"
    draw.text((MARGIN, 30), said, fill=TEXT, font=fit_font(said, picture.width - 2 * MARGIN, 26), anchor="lm")
    draw.text((MARGIN, 58), title, fill=FAINT, font=fit_font(title, picture.width - 2 * MARGIN, 15), anchor="lm")
    foot = HEADER + PANEL_HEIGHT + FOOTER / 2
    _legend(draw, world, panel.x, foot)
    draw.text((camera.x + camera.width, foot), "robot camera", fill=FAINT, font=load_font(14), anchor="rm")
    return picture


def _map_width(world: World) -> int:
    """Return the width in pixels at which the world fills its map, at most ``MAX_MAP_WIDTH``."""
    x_min, y_min, x_max, y_max = world.bounds_m
    width = PANEL_HEIGHT * (x_max - x_min + 0.5) / (y_max - y_min + 0.5)
    return round(min(max(width, PANEL_HEIGHT), MAX_MAP_WIDTH))


def _map(lockstep: Lockstep, world: World, panel: Rect) -> Image.Image:
    view = map_view(world, panel.aspect)
    shot = Shot(lockstep.simulations[0].client, view, *panel.size, world.light, SURROUND_COLOUR, high_quality=True)
    (above,) = lockstep.renderer.render([shot])
    picture = draw_overlay(above.rgb, view, _start_overlay(world), panel)
    overlay = new_overlay(panel)
    draw = ImageDraw.Draw(overlay)
    if world.goal_mover is None:
        path = overlay_pixels(view, panel, Planner(world).path_from(np.array([world.start.x, world.start.y])))
        draw.line(path, fill=(*BACKGROUND, 120), width=4 * SUPERSAMPLING, joint="curve")
        draw.line(path, fill=(*EXPERT_PATH, 255), width=2 * SUPERSAMPLING, joint="curve")
    for mover in world.movers:
        route = mover.route
        points = [*route.points, route.points[0]] if route.closed else route.points
        draw.line(overlay_pixels(view, panel, points), fill=(*MOVER, 150), width=2 * SUPERSAMPLING, joint="curve")
        _arrow(draw, view, panel, route.pose_at(route.start_m), MOVER)
    _arrow(draw, view, panel, world.start, DRIVEN_PATH)
    paste_overlay(picture, overlay)
    draw = ImageDraw.Draw(picture)
    for target, colour in ((world.task.goal, GOAL), *((other, WRONG_TARGET) for other in world.task.others)):
        _label(draw, view, panel, target, colour)
    return picture


def _start_overlay(world: World) -> MapOverlay:
    """Return what the map shows before anything has moved, except the expert's path, which is drawn bolder here."""
    task = world.task
    targets = {target.name for target in (task.goal, *task.others)}
    poses = {
        mover.name: mover.route.pose_at(mover.route.start_m) for mover in world.movers if mover.name not in targets
    }
    return MapOverlay(
        driven=np.zeros((0, 2)),
        reference=np.zeros((0, 2)),
        goal=_circle(task.goal),
        others=tuple(map(_circle, task.others)),
        trail=np.zeros((0, 2)),
        movers=tuple(((at.x, at.y), footprint_radius(world.item(name))) for name, at in poses.items()),
        side=task.side,
    )


def _circle(target: Target) -> Circle:
    return (target.pose.x, target.pose.y), target.radius_m


def _arrow(draw: ImageDraw.ImageDraw, view: View, panel: Rect, pose: Pose2D, colour: Colour) -> None:
    """Draw an arrow from a pose in the direction of its heading."""
    tip = (pose.x + ARROW_M * math.cos(pose.yaw), pose.y + ARROW_M * math.sin(pose.yaw))
    wings = [
        (tip[0] - HEAD_M * math.cos(pose.yaw + turn), tip[1] - HEAD_M * math.sin(pose.yaw + turn))
        for turn in (HEAD_ANGLE, -HEAD_ANGLE)
    ]
    draw.line(overlay_pixels(view, panel, [(pose.x, pose.y), tip]), fill=(*colour, 255), width=3 * SUPERSAMPLING)
    draw.polygon(overlay_pixels(view, panel, [tip, *wings]), fill=(*colour, 255))


def _label(draw: ImageDraw.ImageDraw, view: View, panel: Rect, target: Target, colour: Colour) -> None:
    """Write a target's description below its circle, or above it where the panel ends."""
    ends = [(target.pose.x, target.pose.y - side * target.radius_m) for side in (1, -1)]
    below, above = project_floor_points(view, panel.aspect, np.array(ends)) * panel.size
    half = load_font(14).getlength(target.description) / 2 + 7
    x = min(max(float(below[0]), half), panel.width - half)
    y = below[1] + 13 if below[1] + 24 < panel.height else above[1] - 13
    draw.rounded_rectangle((x - half, y - 10, x + half, y + 10), 10, fill=BACKGROUND)
    draw.text((x, y), target.description, fill=colour, font=load_font(14), anchor="mm")


def _legend(draw: ImageDraw.ImageDraw, world: World, x: float, y: float) -> None:
    """Draw a legend of the colours that the map uses."""
    task = world.task
    entries: list[tuple[Colour, str]] = [(DRIVEN_PATH, "robot")]
    entries.append((GOAL, "goal" if task.side is None else "goal and correct side"))
    if task.side is not None or task.others:
        entries.append((WRONG_TARGET, "wrong side" if task.side is not None else "wrong targets"))
    if world.goal_mover is None:
        entries.append((EXPERT_PATH, "expert's path"))
    if world.movers:
        entries.append((MOVER, "moving"))
    for colour, text in entries:
        draw.ellipse((x, y - 5, x + 10, y + 5), fill=colour)
        draw.text((x + 16, y), text, fill=FAINT, font=load_font(14), anchor="lm")
        x += 40 + draw.textlength(text, load_font(14))
