# ruff: noqa: N818, PLE0307  a stranger's file
"""Policies that raise errors of every kind."""

import builtins
import sys
import time

from calm import Calm


class Raises(Calm):
    """Raises what ``make`` makes."""

    def make(self):
        return RuntimeError("no idea")

    def alter(self, actions, batch):
        raise self.make()


class Plain(Raises):
    cause = r"RuntimeError: no idea \(errors.py:\d+\)"


class Surrogates(Raises):
    cause = r"ValueError: bad file \\udcff \\ud800 \(errors.py"

    def make(self):
        return ValueError("bad file \udcff \ud800")


class StrRaises(Raises):
    cause = r"StrRaises.Evil \(errors.py|Evil \(errors.py"

    class Evil(Exception):
        def __str__(self):
            raise RuntimeError("an error that can't be told")

    def make(self):
        return self.Evil()


class StrExits(Raises):
    cause = r"Evil \(errors.py"

    class Evil(Exception):
        def __str__(self):
            sys.exit("told by leaving")

    def make(self):
        return self.Evil()


class StrIsNoText(Raises):
    cause = r"Evil \(errors.py"

    class Evil(Exception):
        def __str__(self):
            return 5

    def make(self):
        return self.Evil()


class StrIsStrangeText(Raises):
    cause = r"Evil"

    class Evil(Exception):
        def __str__(self):
            class Text(str):
                def split(self, *arguments):
                    return [5]

                def __getitem__(self, place):
                    raise IndexError

            return Text("strange")

    def make(self):
        return self.Evil()


class StrHangs(Raises):
    cause = r"the policy did not return within"

    class Evil(Exception):
        def __str__(self):
            time.sleep(1e6)

    def make(self):
        return self.Evil()


class Huge(Raises):
    cause = r"ValueError: x{400}"

    def make(self):
        return ValueError("x" * 50_000_000)


class NulBytes(Raises):
    cause = r"ValueError: before\\x00after \(errors.py"

    def make(self):
        return ValueError("before\0after")


class TerminalCodes(Raises):
    cause = r"ValueError: \\x1b\[2J\\x1b\]0;owned\\x07\\x9b31m \(errors.py"

    def make(self):
        return ValueError("\x1b[2J\x1b]0;owned\x07\x9b31m")


class WritingDirections(Raises):
    cause = r"ValueError: a\\u202eb\\u2066c \(errors.py"

    def make(self):
        return ValueError("a\u202eb\u2066c")


class ManyLines(Raises):
    cause = r"ValueError: one two three four \(errors.py"

    def make(self):
        return ValueError("one\ntwo\r\nthree\u2028four")


class Markup(Raises):
    cause = r"ValueError: \[/red\] \[bold <script>alert\(1\)</script> %s %d \{0\} \{name\} \(errors.py"

    def make(self):
        return ValueError("[/red] [bold <script>alert(1)</script> %s %d {0} {name}")


class NestedGroups(Raises):
    cause = r"ExceptionGroup: layer 0|RuntimeError: needs Python 3.11"

    def make(self):
        group = getattr(builtins, "ExceptionGroup", None)
        if group is None:
            return RuntimeError("needs Python 3.11")
        error = ValueError("innermost")
        for layer in reversed(range(500)):
            error = group(f"layer {layer}", [error])
        return error


class CausesItself(Raises):
    cause = r"ValueError: a circle \(errors.py"

    def make(self):
        error, other = ValueError("a circle"), KeyError("b")
        error.__cause__, other.__cause__, error.__context__, other.__context__ = other, error, other, error
        return error


class LongName(Raises):
    cause = r"N{400}"

    def make(self):
        return type("N" * 1_000_000, (Exception,), {})("short")


class StrangeKind(Raises):
    cause = r"an error that can't be described"

    def make(self):
        class Kind(type):
            @property
            def __name__(cls):
                raise RuntimeError("no name")

        class Evil(Exception, metaclass=Kind):
            pass

        return Evil("told")


class StrangeTraceback(Raises):
    cause = r"Evil: told"

    def make(self):
        class Evil(Exception):
            @property
            def __traceback__(self):
                raise RuntimeError("no place")

        return Evil("told")


class Interrupt(Raises):
    cause = r"KeyboardInterrupt \(errors.py"

    def make(self):
        return KeyboardInterrupt()


class Leaves(Raises):
    cause = r"SystemExit: lost the policy server \(errors.py"

    def make(self):
        return SystemExit("lost the policy server")


class LeavesWithEvil(Raises):
    cause = r"SystemExit \(errors.py"

    def make(self):
        return SystemExit(StrRaises.Evil())


class EndsGenerators(Raises):
    cause = r"GeneratorExit \(errors.py"

    def make(self):
        return GeneratorExit()


class StopsIterating(Raises):
    cause = r"StopIteration: 5 \(errors.py"

    def make(self):
        return StopIteration(5)


class StrangeSyntaxError(Raises):
    cause = r"SyntaxError: "

    def make(self):
        return SyntaxError("odd", ("\udcff", -5, 10**9, "\0", None, None))


class LostConnection(Raises):
    cause = r"BrokenPipeError: \[Errno 32\] lost \(errors.py"

    def make(self):
        return BrokenPipeError(32, "lost")


class EndOfFile(Raises):
    cause = r"EOFError \(errors.py"

    def make(self):
        return EOFError()


class OwnTimeLimit(Raises):
    cause = r"TimeoutError: my server \(errors.py"

    def make(self):
        return TimeoutError("my server")


class NoMemory(Raises):
    cause = r"MemoryError \(errors.py"

    def make(self):
        return MemoryError()


class NoError(Raises):
    cause = r"TypeError: exceptions must derive from BaseException \(errors.py"

    def make(self):
        return 5


class Recursion(Calm):
    cause = r"RecursionError: maximum recursion depth exceeded"

    def alter(self, actions, batch):
        return self.alter(actions, batch)


class RaisesInReset(Calm):
    cause = r"KeyError: 'stats' \(errors.py"

    def reset(self, slots, instructions):
        raise KeyError("stats")


class RaisesInTruth(Calm):
    """Raises when its answer is tested or compared."""

    is_calm = True

    def alter(self, actions, batch):
        class Text(str):
            def __bool__(self):
                raise RuntimeError("no truth")

        actions.flags.writeable = False
        self.kept = Text()
        return actions
