"""A recording session: drives demonstrations in one process, one block of episodes after the other."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from envs.simulation.lockstep import Lockstep, robot_camera_shot
from policies.dataset import Demonstration
from policies.host.hosting import Hosting
from policies.policy import ObservationBatch
from policies.registry import open_policy
from scenarios.robot import CONTROL_PERIOD_S
from scenarios.scenario import Scenario
from scenarios.world import World
from sim.record.drivers.dagger import ActionDisturbance, DaggerPolicy, LabellingPolicy
from sim.record.drivers.teleop import TELEOP, TELEOP_SPEC, TeleopPolicy
from sim.record.recorder import DemonstrationRecorder, Segmentation
from sim.rollout.episode import Episode
from sim.rollout.loop import rollout_episodes
from sim.rollout.schedule import hold_steps
from sim.workers.monitored_policy import MonitoredPolicy
from sim.workers.process import Heartbeat

RECORDING_BATCH = 16  # episodes in lockstep; constant, because the batch size may change a policy's last bits
EXPERT = "expert"

RecordedEpisode = tuple[Demonstration | None, str]
"""The demonstration (None: not kept) and the status of an episode."""


@dataclass(frozen=True)
class RecordingConfig:
    """The configuration of a recording."""

    policy: str
    """Name or folder of the policy that drives; 'teleop': a person with a keyboard."""
    scenario: str
    """A family, or a scenario file as typed."""
    suite_seed: int
    """Seed of the suite of episodes."""
    episodes: int
    """Number of episodes, numbered from 0 unless ``numbers`` lists them."""
    disturbance: ActionDisturbance = ActionDisturbance()
    """Noise bursts and the expert's share."""
    caption_every: int = 0
    """Frames from caption to caption; 0: no captions."""
    keep_failures: bool = False
    """Also keep episodes that didn't succeed."""
    renderer: str = "auto"
    """'auto', 'gl' or 'tiny'."""
    numbers: tuple[int, ...] = ()
    """The numbers of the episodes, in order."""

    @property
    def episode_numbers(self) -> Sequence[int]:
        """The numbers of the episodes that are driven."""
        return self.numbers or range(self.episodes)

    @property
    def period_s(self) -> float:
        """Seconds from frame to frame."""
        return TELEOP_SPEC.period_s if self.policy == TELEOP else CONTROL_PERIOD_S


class RecordingSession:
    """Simulations, camera and driver of one recording.

    Args:
        config: What to record.
        scenario: The scenario as it was at the start: its file may be edited during the recording.
        heartbeat: The worker's sign of life.
        driver: What drives; None: what the configuration says.

    Raises:
        InputError: The policy is unknown or can't be recorded, or the renderer isn't available.
    """

    def __init__(
        self,
        config: RecordingConfig,
        scenario: Scenario,
        heartbeat: Heartbeat | None = None,
        driver: LabellingPolicy | None = None,
    ) -> None:
        self._config = config
        self._scenario = scenario
        self._opened = contextlib.ExitStack()
        driver = driver or _make_driver(config, self._opened)
        self._driver = driver if heartbeat is None else MonitoredDriver(driver, heartbeat)
        self._lockstep = Lockstep(RECORDING_BATCH, config.renderer)

    def record_episodes(self, numbers: Sequence[int]) -> list[RecordedEpisode]:
        """Drive these episodes, at most ``RECORDING_BATCH``, and return them in order."""
        config, scenario = self._config, self._scenario
        episodes = [Episode(scenario.name, config.suite_seed, number) for number in numbers]
        worlds = [scenario.world(config.suite_seed, number) for number in numbers]
        self._driver.prepare(episodes, worlds, RECORDING_BATCH)
        spec = self._driver.spec
        recorder = DemonstrationRecorder(self._driver, spec.name, config.caption_every, self._segment, hold_steps(spec))
        rollout_episodes(self._lockstep, self._driver, episodes, worlds, [recorder])
        return [self._kept(*recorder.demonstrations[slot]) for slot in range(len(episodes))]

    def _kept(self, demonstration: Demonstration | None, status: str) -> RecordedEpisode:
        wanted = demonstration is not None and (self._config.keep_failures or demonstration.success)
        return (demonstration if wanted else None), status

    def _segment(self, slots: Sequence[int]) -> list[Segmentation]:
        """Return for some slots the body id of each pixel of the robot's camera image, and the items' names by id."""
        simulations = [self._lockstep.simulations[slot] for slot in slots]
        images = self._lockstep.renderer.render([robot_camera_shot(each) for each in simulations], segmentation=True)
        found = []
        for simulation, image in zip(simulations, images, strict=True):
            if image.segmentation is None:
                raise RuntimeError(f"renderer '{self._lockstep.renderer.name}' returned no segmentation")
            found.append((image.segmentation, {body: name for name, body in simulation.bodies.items()}))
        return found

    def close(self) -> None:
        """Close the simulations, the camera, and the process of a policy."""
        self._lockstep.close()
        self._opened.close()


def _make_driver(config: RecordingConfig, opened: contextlib.ExitStack) -> LabellingPolicy:
    if config.policy == TELEOP:
        return TeleopPolicy()
    policy = None
    if config.policy != EXPERT:
        policy = opened.enter_context(open_policy(config.policy, hosting=Hosting()))
    return DaggerPolicy(policy, config.disturbance)


class MonitoredDriver(MonitoredPolicy):
    """A labelling policy whose calls set the heartbeat."""

    def __init__(self, driver: LabellingPolicy, heartbeat: Heartbeat) -> None:
        super().__init__(driver, heartbeat)
        self._driver = driver
        self.labels = driver.labels
        self.noise_burst = driver.noise_burst

    def prepare(self, episodes: Sequence[Episode], worlds: Sequence[World], slots: int) -> None:
        """Prepare the driver for the episodes of the next block."""
        self._driver.prepare(episodes, worlds, slots)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        action = super().act(batch)
        self.labels = self._driver.labels
        self.noise_burst = self._driver.noise_burst
        return action
