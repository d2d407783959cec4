"""The table of perturbation axes. A new axis is a file with its levels and its effect, plus a row here."""

from __future__ import annotations

from scenarios.perturbations.axes import (
    camera_pose,
    control,
    image_noise,
    instruction,
    layout,
    lighting,
    start_pose,
    textures,
)
from scenarios.perturbations.axis import PerturbationAxis

AXES: dict[str, PerturbationAxis] = {
    axis.name: axis
    for axis in (
        lighting.AXIS,
        textures.AXIS,
        camera_pose.AXIS,
        image_noise.AXIS,
        start_pose.AXIS,
        layout.AXIS,
        instruction.AXIS,
        control.ACTUATION,
        control.LATENCY,
        control.CONTROL_RATE,
    )
}


def levels_table() -> list[tuple[str, str, str, str, str]]:
    """Return one row for each axis: name, summary, and descriptions of levels 1, 2 and 3."""
    return [(axis.name, axis.summary, *axis.level_descriptions) for axis in AXES.values()]
