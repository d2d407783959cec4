"""Workers on a Ray cluster, with the interface of ``sim.workers.pool.WorkerPool``: the same jobs give the same rows.

Nodes may leave and join at any time. A worker gets jobs once it runs on a node; one whose node is lost starts anew
wherever there is room, and its job is done again. Files that a job writes are returned as bytes, so nodes need no
shared folder. What a run's names stand for is sent to each node once; nodes need this package.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from scenarios.common.errors import InputError
from sim.workers.cluster.connection import check_address, connect_ray, import_ray, names_no_place
from sim.workers.cluster.inputs import link_inputs
from sim.workers.cluster.node_queue import NodeJobQueue
from sim.workers.cluster.node_worker import NOT_LAST, Event, NodeWorker, describe_machine, list_differences
from sim.workers.job import Job, PoolListener
from sim.workers.pool import Timeouts

END_S = 10.0  # for a worker to end by itself
ROOM_S = 600.0  # without any worker on any node
LOOK_S = 1.0
NODE_LOST = "its node was lost"
GPU_SHARE = 0.001  # Ray hides a node's GPU from a worker that asks for none


@dataclass(eq=False)
class _Node:
    """A worker on a node.

    Attributes:
        actor: Its ``NodeWorker``.
        is_checked: True if it did a job of the pool's first run, which checks what policies are there.
    """

    actor: Any
    is_checked: bool = False


class _Task(NamedTuple):
    """What a worker is doing, and who is told."""

    node: _Node
    job: Job
    is_check: bool


class RayWorkerPool:
    """A pool of workers on a Ray cluster. Leaving the context ends them.

    The cluster is the one that ``RAY_ADDRESS`` names; without it, one on this machine is started and ended.

    Args:
        runner, settings, timeouts: As for ``sim.workers.pool.WorkerPool``.
        size: Number of workers at most: those without room wait until a node joins or has it.
        identity: "module:name" of a function that describes a machine's code; a node where it says something else than
            here isn't used. "" for no such check.
        inputs: Relative paths that nodes need; each gets them once, and its workers see them at the same place.
        uses_gpu: True if workers need a GPU; those of a node share it.

    Raises:
        InputError: Ray isn't installed, or the cluster can't be reached.
    """

    def __init__(
        self,
        runner: str,
        settings: object,
        size: int,
        timeouts: Timeouts,
        identity: str = "",
        *,
        inputs: Sequence[Path] = (),
        uses_gpu: bool = False,
    ) -> None:
        self._address = os.environ.get("RAY_ADDRESS", "")
        self._ray = import_ray(self._address)
        self._arguments = (runner, settings, timeouts)
        self._size = size
        self._identity = identity
        self._inputs = inputs
        self._gpus = GPU_SHARE if uses_gpu else 0
        self._starting: dict[Any, _Node] = {}
        self._idle: list[_Node] = []
        self._busy: dict[Any, _Task] = {}
        self._check: tuple[Job, PoolListener] | None = None  # of the first run
        self._seen_s = time.monotonic()  # when a worker last was on a node

    def __enter__(self) -> RayWorkerPool:
        check_address(self._address)
        with tempfile.TemporaryDirectory(prefix="mobile-vla-") as folder:
            start = partial(self._ray.init, log_to_driver=False, include_dashboard=False, configure_logging=False)
            if self._inputs and not names_no_place(self._address):
                link_inputs(self._inputs, Path(folder))
                start = partial(start, runtime_env={"working_dir": folder})  # it is sent before Ray is ready
            connect_ray(start, self._address)
        self._seen_s = time.monotonic()
        for _ in range(self._size):
            self._start_worker()
        return self

    def __exit__(self, *_: object) -> None:
        ended = [node.actor.close.remote() for node in self._idle]
        for node in (*self._starting.values(), *(task.node for task in self._busy.values())):
            self._kill(node)
        if ended:
            self._ray.wait(ended, num_returns=len(ended), timeout=END_S)
        self._ray.shutdown()

    def _start_worker(self) -> None:
        actor = self._ray.remote(num_cpus=1, num_gpus=self._gpus)(NodeWorker).remote(*self._arguments)
        self._starting[actor.describe.remote(self._identity)] = _Node(actor)

    def run(self, jobs: Sequence[Job], listener: PoolListener) -> None:
        """Run all jobs as ``WorkerPool.run`` does.

        A worker that wasn't there in the first run does the first job of it once more, before others: its listener
        must accept the result as it did those of the other workers.

        Raises:
            InputError: A worker rejected the input.
        """
        queue = NodeJobQueue(jobs, listener)
        while not queue.is_over:
            self._assign_jobs(queue)
            waiting = [*self._starting, *self._busy]
            for ref in self._ray.wait(waiting, num_returns=1, timeout=LOOK_S)[0] if waiting else []:
                if ref in self._starting:
                    self._welcome(ref, queue)
                else:
                    self._receive(ref, queue)
            self._check_nodes(queue)
        if self._check is None and jobs:
            self._check = (jobs[0], listener)

    def _assign_jobs(self, queue: NodeJobQueue) -> None:
        for node in list(self._idle):
            is_check = self._check is not None and not node.is_checked
            job = self._check[0] if is_check and self._check else queue.next_job()
            if job is not None:
                self._idle.remove(node)
                node.actor.begin.remote(job)
                self._busy[node.actor.take_events.remote()] = _Task(node, job, is_check)

    def _welcome(self, ref: Any, queue: NodeJobQueue) -> None:
        """Use a worker that has started, if its node has the same code."""
        node = self._starting.pop(ref)
        try:
            there = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            if getattr(error, "actor_init_failed", False) or isinstance(error, self._ray.exceptions.RayTaskError):
                self._dismiss(node, f"a worker could not start: {str(error).strip().splitlines()[-1]}", queue)
            else:
                self._replace(node)
            return
        if differing := list_differences(describe_machine(self._identity), there):
            self._dismiss(node, f"a node has other code: {differing}; install the same on all", queue)
        else:
            self._idle.append(node)

    def _receive(self, ref: Any, queue: NodeJobQueue) -> None:
        """Handle the next events of a job."""
        task = self._busy.pop(ref)
        try:
            events = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._replace(task.node)
            if not task.is_check:
                queue.return_lost(task.job, f"{NODE_LOST} ({type(error).__name__})")
            return
        is_over = events[-1][0] not in NOT_LAST
        if not is_over:
            self._busy[task.node.actor.take_events.remote()] = task
        elif task.is_check and (fault := self._find_fault(events[-1])):
            self._dismiss(task.node, f"a node that joined can't be used: {fault}", queue)
            return
        else:
            task.node.is_checked = True
            self._idle.append(task.node)
        for event in () if task.is_check else events:
            _report_event(queue, task.job, *event)

    def _find_fault(self, event: Event) -> str:
        """Return what is wrong with a worker, by how its check ended; "" if nothing is."""
        kind, content = event
        if kind != "done" or self._check is None:
            return str(content)
        try:
            self._check[1].done(self._check[0], content)
        except InputError as error:
            return str(error)
        return ""

    def _kill(self, node: _Node) -> None:
        with contextlib.suppress(self._ray.exceptions.RayError):  # it never came to be, or its node is gone
            self._ray.kill(node.actor)

    def _replace(self, node: _Node) -> None:
        """Start a worker in place of one that was lost, or can't be reached."""
        self._kill(node)
        self._start_worker()

    def _dismiss(self, node: _Node, reason: str, queue: NodeJobQueue) -> None:
        """Do without a worker from now on; while the first ones are checked, that is an error."""
        self._kill(node)
        if self._check is None:
            raise InputError(reason)
        queue.listener.failed(Job("a worker on a node", None), reason)

    def _check_nodes(self, queue: NodeJobQueue) -> None:
        """Give up what can't be done as no worker is on a node."""
        now = time.monotonic()
        if self._idle or self._busy:
            self._seen_s = now
        elif not self._starting:
            queue.give_up_waiting("no node of the cluster can be used")
        elif now - self._seen_s > ROOM_S:
            queue.give_up_waiting(f"no node of the cluster had room for a worker within {ROOM_S:g} s")


def _report_event(queue: NodeJobQueue, job: Job, kind: str, content: Any) -> None:
    match kind:
        case "part":
            queue.listener.part(job, content)
        case "file":
            _write_file(job, *content)
        case "done":
            queue.mark_finished(job)
            queue.listener.done(job, content)
        case "hung":
            queue.mark_finished(job)
            queue.listener.hung(job, *content)
        case "failed":
            queue.give_up(job, content)
        case "broken":
            queue.retry_or_give_up(job, content, ready=True)
        case "input":
            raise InputError(content)


def _write_file(job: Job, name: str, content: bytes) -> None:
    assert job.out is not None  # only a job with a folder writes files
    path = job.out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
