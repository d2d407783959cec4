"""A stopwatch for the parts of a program, which times methods of classes, objects and modules from outside."""

from __future__ import annotations

import inspect
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from types import ModuleType
from typing import Any, Self

CLOCK = time.thread_time  # CPU time, so that other processes don't count


class Stopwatch:
    """Adds up the CPU time of some parts of a program, in ``seconds``, and the number of calls, in ``calls``.

    Where a part calls another, the time of the inner one counts only for the inner one, so that the parts add up.
    Leaving the context restores what was watched.
    """

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._restore = ExitStack()
        self._thread = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._restore.close()

    def watch(self, part: str, owner: Any, *names: str) -> None:
        """Time these methods of a class or an object, or functions of a module, from now on."""
        for name in names:
            was_own, before = name in vars(owner), getattr(owner, name)
            setattr(owner, name, self.timed(part, before))
            if was_own:
                self._restore.callback(setattr, owner, name, before)
            else:
                self._restore.callback(delattr, owner, name)

    def watch_public(self, part: str, owner: type) -> None:
        """Time all public methods that a class defines."""
        names = [name for name, value in vars(owner).items() if inspect.isfunction(value) and not name.startswith("_")]
        self.watch(part, owner, *names)

    def watch_functions(self, part: str, module: ModuleType, package: str) -> None:
        """Time all public functions that a module defines, in every loaded module of a package that imported them."""
        functions = [value for name, value in vars(module).items() if inspect.isfunction(value) and name[:1] != "_"]
        own = [function for function in functions if function.__module__ == module.__name__]
        for name, user in list(sys.modules.items()):
            if name.split(".")[0] == package:
                self.watch(part, user, *(each.__name__ for each in own if vars(user).get(each.__name__) is each))

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and is timed."""

        @wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            inner_s = self._inner_s()
            inner_s.append(0.0)
            began = CLOCK()
            try:
                return function(*arguments, **named)
            finally:
                passed = CLOCK() - began
                self.seconds[part] += passed - inner_s.pop()
                self.calls[part] += 1
                if inner_s:
                    inner_s[-1] += passed

        return call

    def _inner_s(self) -> list[float]:
        """Return, for each call in progress in this thread, the seconds of the watched calls inside it."""
        if not hasattr(self._thread, "inner_s"):
            self._thread.inner_s = []
        found: list[float] = self._thread.inner_s
        return found
