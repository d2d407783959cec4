"""Laws of the stopwatch: parts add up, and what was watched is restored."""

import sys
import types

import pytest

from sim.benchmark.loop import stopwatch
from sim.benchmark.loop.stopwatch import Stopwatch


class Thing:
    """Does something; ``outer`` calls ``inner``."""

    def inner(self):
        return 3

    def outer(self):
        return self.inner()

    def bad(self):
        raise ValueError

    def _hidden(self):
        return 5


def set_clock(monkeypatch, *ticks):
    upcoming = iter(ticks)
    monkeypatch.setattr(stopwatch, "CLOCK", lambda: next(upcoming))


def test_it_counts_what_functions_took_even_if_they_raise(monkeypatch):
    set_clock(monkeypatch, 0.0, 1.0, 5.0, 7.0)
    thing = Thing()
    with Stopwatch() as clock:
        clock.watch("part", thing, "inner", "bad")
        assert thing.inner() == 3
        with pytest.raises(ValueError):
            thing.bad()
    assert clock.seconds["part"] == pytest.approx(3.0)
    assert clock.calls["part"] == 2


def test_the_time_of_an_inner_part_counts_only_for_it(monkeypatch):
    set_clock(monkeypatch, 0.0, 1.0, 4.0, 10.0)
    with Stopwatch() as clock:
        clock.watch("outer", Thing, "outer")
        clock.watch("inner", Thing, "inner")
        assert Thing().outer() == 3
    assert clock.seconds == {"outer": pytest.approx(7.0), "inner": pytest.approx(3.0)}


def test_what_was_watched_is_restored():
    before, thing = dict(vars(Thing)), Thing()
    with Stopwatch() as clock:
        clock.watch_public("part", Thing)
        clock.watch("part", thing, "inner")
        assert vars(Thing)["outer"] is not before["outer"]
        assert vars(Thing)["_hidden"] is before["_hidden"]
    assert dict(vars(Thing)) == before
    assert vars(thing) == {}


def test_a_module_s_functions_are_timed_wherever_they_were_imported(monkeypatch):
    home, user = types.ModuleType("somewhere.home"), types.ModuleType("somewhere.user")
    exec("def double(x):\n    return 2 * x", vars(home))
    home.double.__module__ = home.__name__
    user.double = home.double
    monkeypatch.setitem(sys.modules, home.__name__, home)
    monkeypatch.setitem(sys.modules, user.__name__, user)
    with Stopwatch() as clock:
        clock.watch_functions("part", home, "somewhere")
        assert user.double(2) == home.double(2) == 4
    assert clock.calls["part"] == 2
    assert user.double is home.double
