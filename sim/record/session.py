"""Where demonstrations are driven: one block of episodes after the other, in one process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from envs.simulation.lockstep import Lockstep, robot_camera_shot
from policies.dataset import Demonstration
from policies.policy import ObservationBatch
from policies.registry import make_policy
from scenarios.robot import CONTROL_PERIOD_S
from scenarios.scenario import Scenario
from scenarios.world import World
from sim.record.drivers.dagger import ActionDisturbance, DaggerPolicy, LabellingPolicy
from sim.record.drivers.teleop import TELEOP, TELEOP_SPEC, TeleopPolicy
from sim.record.recorder import DemonstrationRecorder
from sim.rollout.episode import Episode
from sim.rollout.loop import rollout_episodes
from sim.rollout.schedule import hold_steps
from sim.workers.monitored_policy import MonitoredPolicy
from sim.workers.process import Heartbeat

RECORDING_BATCH = 16  # episodes in lockstep; a constant, because a policy's batch size may move its last bits
EXPERT = "expert"

RecordedEpisode = tuple[Demonstration | None, str]
"""What came of one episode (None: left out) and the status that it ended in."""


@dataclass(frozen=True)
class RecordingConfig:
    """What is recorded.

    Attributes:
        policy: Name or folder of who drives; 'teleop': a person by key presses.
        scenario: Name of the family, or a scenario file as it was typed.
        suite_seed: Its seed.
        episodes: How many are driven, numbered from 0 unless ``numbers`` names them.
        disturbance: Noise bursts and the expert's share.
        caption_every: Frames from caption to caption; 0: no captions.
        keep_failures: Keep episodes that didn't succeed.
        renderer: 'auto', 'gl' or 'tiny'.
        numbers: Which episodes are driven, in order.
    """

    policy: str
    scenario: str
    suite_seed: int
    episodes: int
    disturbance: ActionDisturbance = ActionDisturbance()
    caption_every: int = 0
    keep_failures: bool = False
    renderer: str = "auto"
    numbers: tuple[int, ...] = ()

    @property
    def episode_numbers(self) -> Sequence[int]:
        """The numbers of the episodes that are driven."""
        return self.numbers or range(self.episodes)

    @property
    def period_s(self) -> float:
        """From frame to frame."""
        return TELEOP_SPEC.period_s if self.policy == TELEOP else CONTROL_PERIOD_S


class RecordingSession:
    """Simulations, camera and driver for one plan.

    Args:
        plan: What is recorded.
        scenario: What the plan's scenario was when it began: a file may be edited meanwhile.
        heartbeat: Where a worker shows life.

    Raises:
        InputError: Unknown policy, one that can't be recorded, or a renderer that can't be had.
    """

    def __init__(self, plan: RecordingConfig, scenario: Scenario, heartbeat: Heartbeat | None = None) -> None:
        self._plan = plan
        self._scenario = scenario
        driver = _make_driver(plan)
        self._driver = driver if heartbeat is None else MonitoredDriver(driver, heartbeat)
        self._lockstep = Lockstep(RECORDING_BATCH, plan.renderer)

    def record_episodes(self, numbers: Sequence[int]) -> list[RecordedEpisode]:
        """Drive these episodes, at most ``RECORDING_BATCH``, and return those that the plan keeps, in order."""
        plan, scenario = self._plan, self._scenario
        episodes = [Episode(scenario.name, plan.suite_seed, number) for number in numbers]
        worlds = [scenario.world(plan.suite_seed, number) for number in numbers]
        self._driver.prepare(episodes, worlds, RECORDING_BATCH)
        spec = self._driver.spec
        recorder = DemonstrationRecorder(self._driver, spec.name, plan.caption_every, self._segment, hold_steps(spec))
        rollout_episodes(self._lockstep, self._driver, episodes, worlds, [recorder])
        return [self._kept(*recorder.demonstrations[slot]) for slot in range(len(episodes))]

    def _kept(self, demonstration: Demonstration | None, status: str) -> RecordedEpisode:
        wanted = demonstration is not None and (self._plan.keep_failures or demonstration.success)
        return (demonstration if wanted else None), status

    def _segment(self, slot: int) -> tuple[np.ndarray, dict[int, str]]:
        """What each pixel of the robot's picture shows, (H, W) body ids, and the items' names by body id."""
        simulation = self._lockstep.simulations[slot]
        frame = self._lockstep.renderer.render([robot_camera_shot(simulation)], segmentation=True)[0]
        if frame.segmentation is None:
            raise RuntimeError(f"renderer '{self._lockstep.renderer.name}' gave no segmentation")
        return frame.segmentation, {body: name for name, body in simulation.bodies.items()}

    def close(self) -> None:
        self._lockstep.close()


def _make_driver(config: RecordingConfig) -> LabellingPolicy:
    if config.policy == TELEOP:
        return TeleopPolicy()
    return DaggerPolicy(None if config.policy == EXPERT else make_policy(config.policy), config.disturbance)


class MonitoredDriver(MonitoredPolicy):
    """A labelling policy whose every call shows on the heartbeat."""

    def __init__(self, driver: LabellingPolicy, heartbeat: Heartbeat) -> None:
        super().__init__(driver, heartbeat)
        self._driver = driver
        self.labels = driver.labels

    def prepare(self, episodes: Sequence[Episode], worlds: Sequence[World], slots: int) -> None:
        self._driver.prepare(episodes, worlds, slots)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        action = super().act(batch)
        self.labels = self._driver.labels
        return action
