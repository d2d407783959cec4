"""A plug-in of LeRobot: ``lerobot-eval --env.type=mobile_vla --env.task=corridor`` drives these environments.

LeRobot imports every installed package whose name begins with ``lerobot_env_``.
"""

from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym
from lerobot.configs.types import FeatureType, PolicyFeature
from lerobot.envs.configs import EnvConfig

from envs.lerobot import CAMERA
from scenarios.registry import SCENARIOS

NAMESPACE = "lerobot_env_mobile_vla"

for name in SCENARIOS:
    gym.register(
        f"{NAMESPACE}/{name}",
        entry_point="envs.lerobot:LeRobotEnv",
        kwargs={"scenario": name},
        order_enforce=False,  # its wrapper hides task_description, which LeRobot asks for
        disable_env_checker=True,
    )


@EnvConfig.register_subclass("mobile_vla")
@dataclass
class MobileVLAEnvConfig(EnvConfig):
    """A scenario of mobile-vla-sim.

    Attributes:
        task: Name of the scenario.
        renderer: "gl", "gpu", "tiny" or "auto".
        height, width: Of the camera's picture, in pixels.
    """

    task: str | None = "corridor"
    fps: int = 10
    renderer: str = "auto"
    height: int = 224
    width: int = 224
    features: dict[str, PolicyFeature] = field(default_factory=dict)
    features_map: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        camera = f"pixels/{CAMERA}"
        self.features = {
            "action": PolicyFeature(FeatureType.ACTION, (3,)),
            "agent_pos": PolicyFeature(FeatureType.STATE, (6,)),
            camera: PolicyFeature(FeatureType.VISUAL, (self.height, self.width, 3)),
        }
        self.features_map = {
            "action": "action",
            "agent_pos": "observation.state",
            camera: f"observation.images.{CAMERA}",
        }

    @property
    def package_name(self) -> str:
        return NAMESPACE

    @property
    def gym_id(self) -> str:
        return f"{NAMESPACE}/{self.task}"

    @property
    def gym_kwargs(self) -> dict[str, Any]:
        return {"renderer": self.renderer, "image_size": (self.height, self.width)}
