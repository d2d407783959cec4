"""The host: loads a policy, and answers the simulations that ask it."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import socket
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

from .answers import infer_each, read_answer
from .failures import LoadError, describe_failure, end_process
from .loading import describe_spec, find_maker, find_world_classes, is_inferring, make_policy, takes_argument
from .messages import receive_message, send_message
from .networks import (
    choose_device,
    copy_policy,
    count_parameters,
    describe_runtime,
    find_networks,
    hash_weights,
    place_policy,
)
from .sessions import GlobalGenerators, Session, seed_generators

LOADING_SEED = 0


class Host:
    """Answers the sessions of a policy, one request at a time.

    Args:
        policy: The policy as it was loaded.
        make: Makes another one, for a policy that can't be copied.
    """

    def __init__(self, policy: Any, make: Callable[[], Any]) -> None:
        self._original, self._make = policy, make
        self._spare = policy  # for the first session, if it can't be copied
        self._is_warned = False
        self._generators = GlobalGenerators()
        self._last: Session | None = None  # whose generators' states are the present ones
        self._requests: queue.Queue[tuple[Session, dict[str, Any] | None]] = queue.Queue()
        self._sessions: list[Session] = []

    def listen(self, path: str) -> None:
        """Open the socket that clients connect to."""
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.bind(path)
        server.listen(128)
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        try:
            while True:
                link, _ = server.accept()
                link.settimeout(None)  # whatever the policy made the default
                session = Session(link, self._generators)
                self._sessions.append(session)
                threading.Thread(target=self._read, args=(session,), daemon=True).start()
        except BaseException as error:  # noqa: BLE001  the policy may have used up descriptors, threads and memory
            end_process(error)

    def _read(self, session: Session) -> None:
        try:
            while True:
                self._requests.put((session, receive_message(session.link)))
        except (EOFError, OSError, ValueError):  # the client is gone, or the policy wrote to its connection
            self._requests.put((session, None))
        except BaseException as error:  # noqa: BLE001
            end_process(error)

    def serve(self) -> None:
        """Answer until the process is ended. Somebody's code runs in this thread, the main one, alone."""
        this = os.getpid()
        while True:
            session, request = self._requests.get()
            if request is None:
                self._sessions.remove(session)
                session.policy = session.frames = None
                session.link.close()
                continue
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client is gone
                send_message(session.link, {"began": True})
                answer = self._answer(session, request)
                if os.getpid() != this:  # a child that the policy forked, which came back from its call, too
                    os._exit(0)
                send_message(session.link, answer)

    def _answer(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        answers = {"open": self._open, "reset": self._reset, "act": self._act, "infer": self._infer}
        try:
            self._switch_generators(session)
            return answers[request["endpoint"]](session, request)
        except BaseException as error:  # noqa: BLE001  somebody's code may raise anything, SystemExit included
            return {"error": describe_failure(error)}

    def _switch_generators(self, session: Session) -> None:
        """Let a session draw the same numbers whoever else asks."""
        if self._last is not session:
            if self._last is not None:
                self._last.generators = GlobalGenerators()
            session.generators.restore()
            self._last = session

    def _open(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        session.attach(request["frames"])
        session.policy = copy_policy(self._original)
        if session.policy is None:
            session.policy, self._spare = self._spare, None
        if session.policy is None:
            self._warn()
            for each in self._sessions:  # whoever waits for an answer waits for this
                with contextlib.suppress(OSError):
                    send_message(each.link, {"loads": True})
            session.policy = self._make()
        return {}

    def _warn(self) -> None:
        """Say once that memory is needed for each client."""
        if not self._is_warned:
            print(
                f"warning: a {type(self._original).__name__} can't be copied, so its weights are in memory once for "
                "each worker; a method share() that returns one with the same weights and no episodes prevents it",
                file=sys.stderr,
            )
        self._is_warned = True

    def _reset(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        if request["seed"] is not None:
            seed_generators(request["seed"])
        slots, instructions = request["slots"], request["instructions"]
        if not is_inferring(session.policy):
            session.policy.reset(slots, instructions)
        elif hasattr(session.policy, "reset"):
            session.policy.reset()
        return {}

    def _act(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        pixels, truth = session.read_frames(request["pixels"]), session.read_truth(request["truth"])
        # As ``policies.policy.ObservationBatch``, but of a class that processes which the policy starts have, too.
        agent_pos, live = request["agent_pos"].copy(), request["live"].copy()
        batch = types.SimpleNamespace(pixels=pixels, agent_pos=agent_pos, live=live, truth=truth)
        return {"actions": read_answer(session.policy.act(batch), "act")}

    def _infer(self, session: Session, request: dict[str, Any]) -> dict[str, Any]:
        return {"actions": infer_each(session.policy.infer, request["observations"])}


def load_host(options: dict[str, Any]) -> tuple[Host, dict[str, Any]]:
    """Load the policy; return its host, and what the parent is told.

    Raises:
        LoadError: It can't be loaded.
    """
    maker, arguments, device = find_maker(options["target"]), options["arguments"], options["device"]
    takes_device, takes_dtype = takes_argument(maker, "device"), takes_argument(maker, "dtype")
    device = device if device == "auto" and takes_device else choose_device(device)
    if takes_device:
        arguments.setdefault("device", device)
    if takes_dtype:
        arguments.setdefault("dtype", options["dtype"])

    def make() -> Any:
        seed_generators(LOADING_SEED)  # weights that are drawn are the same ones wherever it is loaded
        policy = make_policy(maker, arguments)
        place_policy(policy, None if takes_device else choose_device(device), None if takes_dtype else options["dtype"])
        for network in find_networks(policy)[0]:
            network.eval()
        return policy

    policy = make()
    spec = describe_spec(policy)
    if not spec.get("runtime") and (runtime := describe_runtime(policy)):
        spec["runtime"] = runtime
    if not spec.get("parameters") and (count := count_parameters(policy)):
        spec["parameters"] = count
    if spec.get("privileged"):
        sys.path.append(options["project"])
        find_world_classes()
    weights = hash_weights(policy)
    told = {"spec": spec, "weights": weights, "infers": is_inferring(policy), "python": sys.version.split()[0]}
    told["shares"] = hasattr(policy, "share")
    return Host(policy, make), told


def main(descriptor: int) -> None:
    """Do what the parent asks for; an error ends the process, and is its last line.

    Args:
        descriptor: Of the connection to the parent.
    """
    try:
        _follow_parent(socket.socket(fileno=descriptor))
    except BaseException as error:  # noqa: BLE001  such as that the policy closed what isn't its own
        end_process(error)


def _follow_parent(parent: socket.socket) -> None:
    """Load the policy, tell the parent what it declares, and answer; or run what the parent names instead."""
    options = receive_message(parent)
    os.dup2(2, 1)  # what somebody's code prints is no message
    if "run" in options:  # this project's own code, which runs somebody's beside it
        sys.path[:] = options["path"]
        importlib.import_module(options["run"]).main(parent, options)
        os._exit(0)
    sys.path.insert(0, os.getcwd())
    options["arguments"] = json.loads(options["arguments"])
    this = os.getpid()
    try:
        host, told = load_host(options)
        if os.getpid() != this:  # a child that the policy forked
            os._exit(0)
        host.listen(options["socket"])
    except BaseException as error:  # noqa: BLE001  somebody's code may raise anything
        reason = str(error) if isinstance(error, LoadError) else f"it can't be loaded: {describe_failure(error)}"
        send_message(parent, {"error": reason})
        os._exit(1)
    send_message(parent, told)
    host.serve()
