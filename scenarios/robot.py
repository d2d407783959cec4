"""The robot's dimensions, rates and limits, shared by scenarios, environments, policies and results."""

from __future__ import annotations

import math

CONTROL_PERIOD_S = 0.1
"""Time from one command to the next."""
PHYSICS_HZ = 240
DRIVE_HZ = 40
"""Rate at which the base's controller rotates its command into the world's frame and contacts are checked."""
DRIVE_TICKS = round(CONTROL_PERIOD_S * DRIVE_HZ)
"""Drive ticks in a control period."""
KEY_PRESS_PERIOD_S = 0.3
"""Duration of one key press in the published recordings."""

AXIS_NAMES = ("vx", "vy", "wz")
"""Axes of an action in the body frame: forward, left, counterclockwise."""
ACTION_SIZE = len(AXIS_NAMES)
ACTION_SCALE = 1.15
"""Top speed: m/s and rad/s at action 1.0, the published robot's key press."""

ROBOT_RADIUS_M = 0.20
"""Radius of the hull, for which every path leaves room."""
IMAGE_SIZE = (224, 224)
"""Height and width of the camera's image, pixels."""
CAMERA_POSITION_M = (-0.06, 0.0, 0.575)
"""Position on the mast, in the chassis frame."""
CAMERA_PITCH_RAD = math.radians(24.0)
"""Downwards."""
CAMERA_FOV_DEG = 90.0
"""Vertical field of view; equal to the horizontal one, because images are square."""
