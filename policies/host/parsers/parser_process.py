"""A process that parses a file from elsewhere, as its parent sees it."""

from __future__ import annotations

import contextlib
import sys
import weakref
from collections.abc import Mapping
from typing import Any

from policies.host.parsers.answers import BAD_INPUT
from policies.host.standalone.messages import receive_message, send_message
from policies.host.supervised import SupervisedProcess
from scenarios.common.errors import InputError

LONGEST_OPENING_S = 600.0  # to import the parsers, and to read what there is to know before the first answer
LONGEST_ANSWER_S = 120.0
_ENVIRONMENT = (("MALLOC_ARENA_MAX", "2"), ("OPENBLAS_NUM_THREADS", "1"))  # address space for each thread otherwise


class ParserProcess:
    """A running parser. What kills it, hangs it or fills its memory is one sentence here.

    It ends with this process, when it is closed, or when nobody has this object any more.

    Args:
        module: The module whose ``main`` answers there, with ``answers.serve_answers``.
        what: What is parsed, with its path, for errors.
        options: What it is told when it starts.
    """

    def __init__(self, module: str, what: str, options: Mapping[str, Any]) -> None:
        self._what = what
        self._process = SupervisedProcess(environment=_ENVIRONMENT)
        self.close = weakref.finalize(self, self._process.close)
        with contextlib.suppress(OSError):  # the first answer says how it ended
            send_message(self._process.link, {"run": module, "path": list(sys.path), **options})

    @property
    def is_running(self) -> bool:
        """Whether requests are answered."""
        return self.close.alive

    def ask(self, request: Mapping[str, Any], limit_s: float | None = LONGEST_ANSWER_S) -> dict[str, Any]:
        """Send a request, and return the answer.

        Args:
            request: What is asked.
            limit_s: Time for the answer; None for a request that no parser sees.

        Raises:
            InputError: The parser refuses the file, ended its process, or didn't answer in time.
        """
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)  # after whatever is raised, an answer may still be under way
            answer = self._exchange(dict(request), limit_s)
            stack.pop_all()
        if BAD_INPUT in answer and len(answer) == 1:
            raise InputError(answer[BAD_INPUT])
        return answer

    def receive_first(self) -> dict[str, Any]:
        """Return what it says once it has opened the file.

        Raises:
            InputError: The parser refuses the file, ended its process, or didn't answer in time.
        """
        return self.ask({}, LONGEST_OPENING_S)

    def _exchange(self, request: dict[str, Any], limit_s: float | None) -> dict[str, Any]:
        link = self._process.link
        try:
            link.settimeout(limit_s)
            send_message(link, request)
            return receive_message(link)
        except TimeoutError:
            raise InputError(
                f"{self._what} can't be read: no answer within {limit_s:g} s; it is damaged or made to hang, or its "
                "disk is too slow"
            ) from None
        except (EOFError, OSError, ValueError):
            cause = self._process.describe_end()
            raise InputError(
                f"{self._what} can't be read: it ended the process that reads it ({cause}); it is damaged or made to "
                "do that"
            ) from None
