"""The process that runs a host, and what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # Linux's numbers


def supervise_host(parent: int) -> None:
    """Go on in a child process, and end it and all that it started when it or the process at the other end is gone.

    Args:
        parent: A pipe whose other end the process that started this one has open.
    """
    _call_prctl(PR_SET_CHILD_SUBREAPER, 1)  # what loses its parent becomes a child of this process
    this = os.getpid()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        _call_prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != this:
            os._exit(1)
        return
    threading.Thread(target=_kill_after, args=(parent, child), daemon=True).start()
    _, status = os.waitpid(child, 0)
    _end_descendants(child)
    if os.WIFSIGNALED(status):
        _end_by_signal(os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _call_prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _kill_after(parent: int, child: int) -> None:
    """Kill a child process when the other end of a connection is closed."""
    with contextlib.suppress(OSError):
        while os.read(parent, 1):
            pass
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


def _end_descendants(group: int) -> None:
    """Kill a group of processes, and on Linux all that was left to this process as their parent."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    if sys.platform != "linux":
        return
    while children := _list_children():
        for child, its_group in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if its_group != os.getpgrp():  # at once: one by one, they could start others faster than they are ended
                    os.killpg(its_group, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def _list_children() -> list[tuple[int, int]]:
    """The children of this process and their groups."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/stat", "rb") as file:
                parent, group = map(int, file.read().rpartition(b")")[2].split()[1:3])
            if parent == os.getpid():
                found.append((int(name), group))
    return found


def _end_by_signal(number: int) -> None:
    """End as the child did, so that the cause can be told; without another core dump."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(1)
