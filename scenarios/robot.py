"""The robot in numbers: what scenarios, environments, policies and results must agree on."""

from __future__ import annotations

import math

CONTROL_PERIOD_S = 0.1
"""From one command to the next."""
PHYSICS_HZ = 240
DRIVE_HZ = 40
"""How often the base's controller turns its command into the world's frame and contacts are looked at."""
DRIVE_TICKS = round(CONTROL_PERIOD_S * DRIVE_HZ)
"""Drive ticks in a control period."""
KEY_PRESS_PERIOD_S = 0.3
"""How long one key press of the published recordings lasts."""

AXIS_NAMES = ("vx", "vy", "wz")
"""Of an action, in the body frame: ahead, to the left, turning to the left."""
ACTION_SIZE = len(AXIS_NAMES)
ACTION_SCALE = 1.15
"""Top speed: m/s and rad/s at action 1.0, the published robot's key press."""

ROBOT_RADIUS_M = 0.20
"""Of the hull, which every path must leave room for."""
IMAGE_SIZE = (224, 224)
"""Height and width of the camera's image, pixels."""
CAMERA_POSITION_M = (-0.06, 0.0, 0.575)
"""On the mast, in the chassis frame."""
CAMERA_PITCH_RAD = math.radians(24.0)
"""Downwards."""
CAMERA_FOV_DEG = 90.0
"""Vertical field of view, which is also the horizontal one of a square image."""
