"""Records labelled views of one family, by several processes."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np

from envs.camera import Renderer, make_renderer
from envs.camera.shot import split_segmentation
from envs.simulation.image_corruption import ImageCorruptor
from envs.simulation.lockstep import robot_camera_shot
from envs.simulation.simulation import Simulation
from policies.reference.panorama import SIZE, resample_frames, resample_ids
from policies.train.collection import ViewCollection
from policies.train.reference.views import save_labels, view_file
from scenarios.common.errors import InputError
from scenarios.common.seeding import make_generator
from scenarios.lookup import get_scenario
from scenarios.navigation.ray_casting import place_blocking_items
from scenarios.world import Item, World
from sim.record.views.labels import ViewLabels, label_view
from sim.record.views.poses import ViewSampler

WORLDS_EACH = 10  # that a process records at a time


def record_views(spec: ViewCollection, out: Path, workers: int) -> None:
    """Record views into the new folder ``out``; the same ones whatever the number of workers.

    Raises:
        InputError: The recording failed, e.g. for lack of space.
    """
    try:
        _record_side_by_side(spec, out, workers)
    except (OSError, BrokenProcessPool) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"recording views of '{spec.name}' into {out} failed: {reason}") from error


def _record_side_by_side(spec: ViewCollection, out: Path, workers: int) -> None:
    out.mkdir(parents=True)
    shape = (spec.worlds * spec.poses, 3, SIZE, SIZE)
    np.lib.format.open_memmap(view_file(out), "w+", np.uint8, shape).flush()
    if hasattr(os, "posix_fallocate"):  # too little space shows here, not as a signal
        with open(view_file(out), "r+b") as file:
            os.posix_fallocate(file.fileno(), 0, file.seek(0, os.SEEK_END))
    parts = [range(first, min(first + WORLDS_EACH, spec.worlds)) for first in range(0, spec.worlds, WORLDS_EACH)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as processes:
        jobs = [processes.submit(_record_worlds, spec, part, out) for part in parts]
        try:
            labels = [label for job in jobs for label in job.result()]
        except BaseException:
            processes.shutdown(cancel_futures=True)
            raise
    save_labels(out, ViewLabels(*(np.stack(column) for column in zip(*labels, strict=True)))._asdict())


def _record_worlds(spec: ViewCollection, numbers: range, out: Path) -> list[ViewLabels]:
    """Record the views of some worlds into their rows of the file, and return their labels."""
    pictures = np.lib.format.open_memmap(view_file(out), "r+")
    scenario, simulation, renderer = get_scenario(spec.scenario), Simulation(), make_renderer("auto")
    labels = []
    try:
        for number in numbers:
            world = scenario.world(spec.suite_seed, number)
            rng = make_generator(spec.suite_seed, f"views/{scenario.name}/{number}")
            for row, (picture, label) in enumerate(_look_around(world, spec.poses, simulation, renderer, rng)):
                pictures[number * spec.poses + row] = picture
                labels.append(label)
    finally:
        renderer.forget(simulation.client)
        simulation.close()
        renderer.close()
    pictures.flush()
    return labels


def _look_around(
    world: World, poses: int, simulation: Simulation, renderer: Renderer, rng: np.random.Generator
) -> list[tuple[np.ndarray, ViewLabels]]:
    """Return panoramas (3, size, size) from some poses in a world, with their labels."""
    simulation.reset(world)
    renderer.refresh(simulation.client)
    sampler, corruptor = ViewSampler(world, rng), ImageCorruptor(world.conditions.image)
    found = []
    for _ in range(poses):
        pose, progress = sampler.draw()
        simulation.place(pose, progress)
        image = renderer.render([robot_camera_shot(simulation)], segmentation=True)[0]
        assert image.segmentation is not None
        items = place_blocking_items(world, progress)
        shown = _number_items(resample_ids(image.segmentation), items, simulation)
        found.append((resample_frames(corruptor.apply(image.rgb)[None])[0], label_view(items, shown, pose)))
    return found


def _number_items(ids: np.ndarray, items: list[Item], simulation: Simulation) -> np.ndarray:
    """Return the number of the item that each segmentation id (size, size) shows, -1 where it shows none of them."""
    numbers = {simulation.bodies[item.name]: number for number, item in enumerate(items)}
    values, places = np.unique(ids, return_inverse=True)
    found = [numbers.get(split_segmentation(int(value))[0], -1) if value >= 0 else -1 for value in values]
    shown: np.ndarray = np.array(found)[places].reshape(ids.shape)
    return shown
