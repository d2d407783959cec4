"""MuJoCo's renderer: boxes in a hall, physics of one control period and one picture from a turning camera."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

SUBSTEPS, STEP_S = 24, 1 / 240  # as many physics steps as a control period has here
TRIANGLES_OF_BOX, TRIANGLES_OF_FLOOR, WALLS = 12, 2, 4


def open_scene(side: int, boxes: int, samples: int) -> tuple[dict[str, Any], Callable[[], object]]:
    """Open the scene, without shadows and reflections; a pixel has as many ``samples``, 0 for one."""
    os.environ.setdefault("MUJOCO_GL", "egl")
    import mujoco
    import numpy as np
    from OpenGL import GL

    model = mujoco.MjModel.from_xml_string(_describe(side, boxes, samples))
    data = mujoco.MjData(model)
    renderer = mujoco.Renderer(model, side, side)
    renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = 0
    renderer.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
    out = np.empty((side, side, 3), np.uint8)
    number = [0]

    def step() -> object:
        number[0] += 1
        data.ctrl[:] = 0.5 if number[0] % 2 else -0.5
        mujoco.mj_step(model, data, nstep=SUBSTEPS)
        renderer.update_scene(data, "front")
        renderer.render(out=out)
        return out

    step()  # makes OpenGL current
    return {
        "name": f"MuJoCo {mujoco.__version__}, {boxes} boxes, shadows off, samples a pixel: {max(1, samples)}",
        "device": GL.glGetString(GL.GL_RENDERER).decode(),
        "triangles": TRIANGLES_OF_BOX * (boxes + WALLS) + TRIANGLES_OF_FLOOR,
    }, step


def _describe(side: int, boxes: int, samples: int) -> str:
    """Describe a hall of four walls, boxes ahead, and a robot that turns on the spot."""
    columns = max(1, round(boxes**0.5))
    placed = "".join(
        f'<geom type="box" size="0.15 0.15 0.15" rgba="{0.2 + 0.6 * (n % 3) / 2} 0.5 {0.2 + 0.6 * (n % 5) / 4} 1" '
        f'pos="{1.6 + 0.5 * (n // columns)} {0.5 * (n % columns - (columns - 1) / 2)} 0.15"/>'
        for n in range(boxes)
    )
    walls = "".join(
        f'<geom type="box" size="{size}" pos="{at}"/>'
        for size, at in (
            ("5 0.05 1.2", "4 2.5 1.2"),
            ("5 0.05 1.2", "4 -2.5 1.2"),
            ("0.05 2.5 1.2", "9 0 1.2"),
            ("0.05 2.5 1.2", "-1 0 1.2"),
        )
    )
    return f"""<mujoco>
      <option timestep="{STEP_S}"/>
      <visual><global offwidth="{side}" offheight="{side}"/><quality offsamples="{samples}"/></visual>
      <asset><texture name="t" type="2d" builtin="checker" rgb1=".8 .7 .6" rgb2=".5 .4 .3" width="256" height="256"/>
        <material name="m" texture="t"/></asset>
      <worldbody><light pos="4 0 3"/><geom type="plane" size="6 6 0.1" material="m"/>{walls}{placed}
        <body pos="0 0 0.3"><joint name="turn" type="hinge" axis="0 0 1" damping="1"/>
          <geom type="cylinder" size="0.2 0.25"/>
          <camera name="front" pos="0.25 0 0.3" xyaxes="0 -1 0 0.4 0 1" fovy="90"/></body></worldbody>
      <actuator><motor joint="turn"/></actuator>
    </mujoco>"""
