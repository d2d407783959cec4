"""The conditions of an episode: light, and disturbances of camera, drive and policy timing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Light:
    """The one light of a scene, in TinyRenderer's model: surface * (ambient + diffuse * colour * max(0, n . l))."""

    direction: tuple[float, float, float] = (0.4, -0.3, 1.0)  # towards the light
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ambient: float = 0.6
    diffuse: float = 0.35


@dataclass(frozen=True)
class CameraOffset:
    """The camera's offset from its mount: metres along the robot's axes, radians."""

    offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    yaw: float = 0.0  # to the left
    pitch: float = 0.0  # downwards
    roll: float = 0.0  # clockwise
    fov_factor: float = 1.0


@dataclass(frozen=True)
class ImageCorruption:
    """Corruption of frames between camera and policy.

    Attributes:
        noise: Standard deviation of Gaussian noise per channel, of the full range.
        blur_px: Standard deviation of a Gaussian blur.
        drop: Probability that a frame is lost and the previous one is repeated.
        seed: Seed of the noise and of the dropped frames.
    """

    noise: float = 0.0
    blur_px: float = 0.0
    drop: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Actuation:
    """Errors of the base's drive.

    Attributes:
        gain: Factors on vx, vy and wz.
        slip: Standard deviation of a factor on each axis, sampled anew for every control step.
        delay_s: Time from a command to its effect; a multiple of 25 ms.
        seed: Seed of the slip.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    slip: float = 0.0
    delay_s: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Conditions:
    """The conditions of an episode; the defaults disturb nothing.

    Attributes:
        latency_s: Inference time of the policy; meanwhile its last command stays in effect.
        period_factor: Factor on the control period that the policy declares.
    """

    mount: CameraOffset = CameraOffset()
    image: ImageCorruption = ImageCorruption()
    actuation: Actuation = Actuation()
    latency_s: float = 0.0
    period_factor: int = 1
