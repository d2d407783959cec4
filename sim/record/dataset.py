"""Recording of a data set: drives episodes and writes those that are kept, in episode order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from policies.dataset import DatasetWriter, Demonstration
from policies.dataset.episode_writer import EpisodeWriter
from policies.dataset.hdf5.writer import Hdf5Writer, scene_label
from scenarios.common.errors import InputError
from scenarios.common.files import is_scenario_file
from scenarios.files.scenario_file import format_scenario
from scenarios.lookup import get_scenario
from sim.record.drivers import teleop
from sim.record.drivers.dagger import LabellingPolicy
from sim.record.parallel import record_in_parallel, record_in_process
from sim.record.session import RecordedEpisode, RecordingConfig
from sim.rollout.episode import POLICY_FAULT

LAYOUTS = ("lerobot", "hdf5")


@dataclass(frozen=True)
class RecordingResult:
    """The number of episodes by status, and the size of the data set."""

    statuses: dict[str, int]
    """Number of driven episodes by status."""
    kept: int
    """Number of episodes in the data set."""
    frames: int
    """Number of frames in the data set."""

    @property
    def left_out(self) -> int:
        """Number of episodes that were driven and not kept."""
        return sum(self.statuses.values()) - self.kept


def record_dataset(
    config: RecordingConfig,
    out: Path,
    workers: int = 1,
    layout: str = "lerobot",
    driver: LabellingPolicy | None = None,
) -> RecordingResult:
    """Record a data set into the new folder ``out``, which no reader accepts before it is complete.

    Args:
        config: What to record.
        out: The data set's folder.
        workers: Number of processes that drive; 1: this process drives.
        layout: One of ``LAYOUTS``.
        driver: What drives, in this process; None: what the configuration says.

    Raises:
        InputError: A name is unknown, the policy or the renderer isn't available, or no episode is kept.
        RecordingError: Some episodes could not be recorded.
    """
    scenario = get_scenario(config.scenario)
    out.parent.mkdir(parents=True, exist_ok=True)
    with _make_writer(config, out, layout) as writer:
        if is_scenario_file(config.scenario):
            writer.keep_scenario(scenario.name, format_scenario(scenario))
        tally = _Tally(writer)
        if workers == 1 or driver is not None:
            record_in_process(config, scenario, tally.add, driver)
        else:
            record_in_parallel(config, scenario, out, workers, tally.add)
        if tally.kept == 0:
            ended = ", ".join(f"{count} {status}" for status, count in tally.statuses.most_common())
            if set(tally.statuses) == {POLICY_FAULT}:
                raise InputError(
                    f"no episode was kept for '{out}', as policy '{config.policy}' failed in each: "
                    f"'python -m policies.check {config.policy}' tells why"
                )
            raise InputError(f"no episode was kept for '{out}' ({ended}): --keep all keeps failures, too")
    return RecordingResult(dict(tally.statuses), tally.kept, tally.frames)


class _Tally:
    """Writes the episodes that are kept, and counts all of them."""

    def __init__(self, writer: EpisodeWriter) -> None:
        self._writer = writer
        self.statuses: Counter[str] = Counter()
        self.kept = self.frames = 0

    def add(self, episode: RecordedEpisode) -> None:
        demonstration, status = episode
        self.statuses[status] += 1
        if demonstration is not None:
            self._writer.add(demonstration)
            self.kept += 1
            self.frames += demonstration.length


def _make_writer(config: RecordingConfig, out: Path, layout: str) -> EpisodeWriter:
    if layout == "hdf5":
        return Hdf5Writer(out, period_s=config.period_s, label=_file_label)
    return DatasetWriter(out, fps=1 / Fraction(config.period_s).limit_denominator(1000))


def _file_label(demonstration: Demonstration) -> str:
    """Return the label in the file name of an episode: its published cell, where its family has cells."""
    scene = demonstration.scene
    if scene is None or scene.scenario != teleop.SCENARIO:
        return scene_label(demonstration)
    return teleop.published_cell(get_scenario(scene.scenario).world(scene.suite_seed, scene.episode))
