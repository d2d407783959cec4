"""Random calls that people make on a PyBullet client: they add bodies, change their looks, move and remove them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pybullet as p
import pybullet_data

from envs.camera import apply_texture, load_texture
from scenarios.common.errors import InputError

from .random_files import RandomFiles, draw_numbers

MODELS = Path(pybullet_data.getDataPath())
_MODEL_FILES = sorted(
    str(file.relative_to(MODELS))
    for pattern in ("*.urdf", "*/*.urdf", "*/*/*.urdf", "*.sdf", "*/*.sdf", "mjcf/*.xml")
    for file in MODELS.glob(pattern)
    if not {"random_urdfs", "gripper"} & set(file.parts) and file.stat().st_size < 30_000  # PyBullet dies of a gripper
)


class RandomWorld:
    """A client and the calls that are made on it."""

    def __init__(self, rng: random.Random, folder: Path) -> None:
        self.rng, self.log = rng, list[str]()
        self.client = p.connect(p.DIRECT)
        p.setAdditionalSearchPath(str(MODELS), physicsClientId=self.client)
        self.files = RandomFiles(rng, folder, str(self.client))

    def do(self) -> None:
        """Make one random call."""
        calls: list[tuple[int, Callable[[], None]]] = [
            (6, self.add_shapes),
            (4, self.add_mesh),
            (3, self.add_robot),
            (2, self.add_model),
            (1, self.add_others),
            (5, self.change_colour),
            (4, self.put_texture),
            (1, self.put_plain_texture),
            (2, self.move),
            (1, self.remove),
            (1, self.reset),
        ]
        call = self.rng.choices([call for _, call in calls], [weight for weight, _ in calls])[0]
        self.log.append(call.__name__)
        call()

    def close(self) -> None:
        """Disconnect."""
        p.disconnect(self.client)

    def bodies(self) -> list[int]:
        """Return the ids of all bodies that PyBullet lists."""
        return [p.getBodyUniqueId(i, self.client) for i in range(p.getNumBodies(self.client))]

    def _numbers(self, count: int, low: float = -0.7, high: float = 0.7) -> tuple[float, ...]:
        return draw_numbers(self.rng, count, low, high)

    def _colour(self) -> tuple[float, ...]:
        rgb = self._numbers(3, 0.0, 1.0) if self.rng.random() < 0.9 else self._numbers(3, -1.0, 3.0)
        return (*rgb, self.rng.choice((1.0, 1.0, 1.0, 0.5, 0.0)))

    def _turn(self) -> Any:
        return p.getQuaternionFromEuler(self._numbers(3, -3.1, 3.1))

    def shape(self) -> dict[str, Any]:
        """Return arguments for a visual shape."""
        size = self.rng.uniform(0.05, 0.4)
        return self.rng.choice(
            (
                {"shapeType": p.GEOM_BOX, "halfExtents": self._numbers(3, 0.05, 0.4)},
                {"shapeType": p.GEOM_SPHERE, "radius": size},
                {"shapeType": p.GEOM_CYLINDER, "radius": size, "length": self.rng.uniform(0.05, 0.8)},
                {"shapeType": p.GEOM_CAPSULE, "radius": size, "length": self.rng.uniform(0.05, 0.8)},
            )
        )

    def add_shapes(self) -> None:
        """Add a body of one shape, of several, of a batch, or of a collision shape only."""
        kind = self.rng.randrange(6)
        named = {"physicsClientId": self.client}
        inertial = self._numbers(3, -0.2, 0.2)
        if kind < 2:
            visual = p.createVisualShape(rgbaColor=self._colour(), **self.shape(), **named)
            p.createMultiBody(self.rng.choice((0, 1)), -1, visual, self._numbers(3), self._turn(), inertial, **named)
        elif kind == 2:
            shapes = [self.shape() for _ in range(self.rng.randrange(2, 5))]
            visual = p.createVisualShapeArray(
                [shape["shapeType"] for shape in shapes],
                halfExtents=[shape.get("halfExtents", (0, 0, 0)) for shape in shapes],
                radii=[shape.get("radius", 0.1) for shape in shapes],
                lengths=[shape.get("length", 0.1) for shape in shapes],
                rgbaColors=[self._colour() for _ in shapes],
                visualFramePositions=[self._numbers(3, -0.4, 0.4) for _ in shapes],
                visualFrameOrientations=[self._turn() for _ in shapes],
                **named,
            )
            p.createMultiBody(0, -1, visual, self._numbers(3), self._turn(), **named)
        elif kind == 3:
            visual = p.createVisualShape(rgbaColor=self._colour(), **self.shape(), **named)
            places = [self._numbers(3, -1.0, 1.0) for _ in range(self.rng.randrange(1, 12))]
            p.createMultiBody(0, -1, visual, batchPositions=places, **named)
        else:
            shape = self.shape()
            if "length" in shape:
                shape["height"] = shape.pop("length")
            collision = p.createCollisionShape(**shape, **named)
            flat = {"useMaximalCoordinates": kind == 5 and self.rng.random() < 0.3}
            p.createMultiBody(1, collision, -1, self._numbers(3), self._turn(), inertial, **flat, **named)

    def add_mesh(self) -> None:
        """Add a body with a mesh."""
        scale = self._numbers(3, 0.3, 1.5) if self.rng.random() < 0.5 else (1.0, 1.0, 1.0)
        named = {"rgbaColor": self._colour(), "meshScale": scale, "physicsClientId": self.client}
        visual = p.createVisualShape(p.GEOM_MESH, fileName=str(self.files.mesh()), **named)
        p.createMultiBody(0, -1, visual, self._numbers(3), self._turn(), physicsClientId=self.client)

    def add_robot(self) -> None:
        """Add a robot of some links."""
        path = self.files.robot()
        flags = self.rng.choice((0, 0, p.URDF_USE_MATERIAL_COLORS_FROM_MTL, p.URDF_MERGE_FIXED_LINKS))
        named = {"flags": flags, "useFixedBase": self.rng.random() < 0.5, "physicsClientId": self.client}
        p.loadURDF(str(path), self._numbers(3), self._turn(), **named)

    def add_model(self) -> None:
        """Add one of the models that come with PyBullet."""
        name = self.rng.choice(_MODEL_FILES)
        self.log.append(name)
        kinds = {".urdf": p.loadURDF, ".sdf": p.loadSDF, ".xml": p.loadMJCF}
        try:
            kinds[Path(name).suffix](name, physicsClientId=self.client)
        except p.error:
            self.log.append("fails")

    def add_others(self) -> None:
        """Add what PyBullet doesn't return, or draws in its own way."""
        kind, named = self.rng.randrange(4), {"physicsClientId": self.client}
        if kind == 0:
            normal = np.array(self._numbers(3))
            shape = p.createCollisionShape(p.GEOM_PLANE, planeNormal=normal / np.linalg.norm(normal), **named)
            p.createMultiBody(0, shape, -1, (0, 0, -1), **named)
        elif kind == 1:
            corners = [self._numbers(3) for _ in range(6)]
            indices = [0, 1, 2, 0, 2, 1, 3, 4, 5, 3, 5, 4]
            visual = p.createVisualShape(p.GEOM_MESH, vertices=corners, indices=indices, **named)
            p.createMultiBody(0, -1, visual, **named)
        elif kind == 2:
            heights = self._numbers(64, 0.0, 0.3)
            size = {"numHeightfieldRows": 8, "numHeightfieldColumns": 8, "meshScale": (0.2, 0.2, 1)}
            shape = p.createCollisionShape(p.GEOM_HEIGHTFIELD, heightfieldData=heights, **size, **named)
            p.createMultiBody(0, shape, **named)
        else:
            visual = p.createVisualShape(p.GEOM_MESH, fileName=self.rng.choice(("duck.obj", "cube.obj")), **named)
            p.createMultiBody(0, -1, visual, self._numbers(3), **named)

    def _target(self) -> tuple[int, int, int] | None:
        """Return a body, one of its links, and mostly all shapes of it."""
        bodies = self.bodies()
        if not bodies:
            return None
        body = self.rng.choice(bodies)
        link = self.rng.randrange(-1, p.getNumJoints(body, self.client))
        shapes = [shape for shape in p.getVisualShapeData(body, 0, self.client) if shape[1] == link]
        return body, link, -1 if self.rng.random() < 0.8 else self.rng.randrange(max(1, len(shapes)))

    def change_colour(self) -> None:
        """Change a colour."""
        if target := self._target():
            p.changeVisualShape(*target, rgbaColor=self._colour(), physicsClientId=self.client)

    def put_texture(self) -> None:
        """Put a texture on a body, or take it away."""
        if target := self._target():
            body, link, shape = target
            try:
                texture = -1 if self.rng.random() < 0.2 else load_texture(self.client, self.files.picture())
            except InputError:
                return
            apply_texture(self.client, body, texture, link, shape)

    def put_plain_texture(self) -> None:
        """Put a texture on a body as PyBullet's users do."""
        if target := self._target():
            texture = p.loadTexture(str(self.files.picture()), physicsClientId=self.client)
            p.changeVisualShape(*target, textureUniqueId=texture, physicsClientId=self.client)

    def move(self) -> None:
        """Move bodies and joints."""
        for body in self.bodies()[:3]:
            p.resetBasePositionAndOrientation(body, self._numbers(3), self._turn(), self.client)
            for joint in range(p.getNumJoints(body, self.client)):
                p.resetJointState(body, joint, self.rng.uniform(-1, 1), physicsClientId=self.client)
        if self.rng.random() < 0.3:
            p.stepSimulation(self.client)

    def remove(self) -> None:
        """Remove a body."""
        if bodies := self.bodies():
            p.removeBody(self.rng.choice(bodies), self.client)

    def reset(self) -> None:
        """Begin anew, in the same client or another one under the same number."""
        if self.rng.random() < 0.7:
            p.resetSimulation(physicsClientId=self.client)
            return
        p.disconnect(self.client)
        assert p.connect(p.DIRECT) == self.client
        p.setAdditionalSearchPath(str(MODELS), physicsClientId=self.client)
