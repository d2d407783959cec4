import io
import json
import subprocess
import sys

import pytest
from rich.console import Console

from scenarios.common.errors import InputError
from sim.benchmark import __main__ as benchmark
from sim.benchmark import measurements as measure
from sim.benchmark.__main__ import main, print_tables
from sim.benchmark.measurements import (
    Measurement,
    Stopwatch,
    measure_rates,
    measure_renderer_agreement,
    median_ratio,
    profile_control_step,
)


@pytest.fixture(autouse=True)
def environment_stays(monkeypatch):
    monkeypatch.setattr(benchmark.os, "environ", dict(benchmark.os.environ))


def test_rivals_take_turns_after_one_warm_up_each(monkeypatch):
    monkeypatch.setattr(measure, "MIN_TURN_S", 0.0)
    calls = []

    def work(name):
        def run():
            calls.append(name)
            return 1

        return run

    found = measure_rates({"a": work("a"), "b": work("b")}, repeats=3)
    assert calls == ["a", "b"] + ["a", "b"] * 3
    assert [len(turns) for turns in found.values()] == [3, 3]


def test_a_ratio_is_the_median_of_the_turns_and_not_of_the_whole():
    # The machine was ten times slower in the second turn, for both.
    assert median_ratio([100.0, 10.0, 120.0], [10.0, 1.0, 10.0]) == pytest.approx(10.0)


def test_a_stopwatch_counts_what_its_functions_took_even_if_they_raise(monkeypatch):
    ticks = iter([0.0, 1.0, 5.0, 7.0])
    monkeypatch.setattr(measure.time, "perf_counter", lambda: next(ticks))

    class Thing:
        def good(self):
            return 3

        def bad(self):
            raise ValueError

    clock, thing = Stopwatch(), Thing()
    clock.watch("part", thing, "good", "bad")
    assert thing.good() == 3
    with pytest.raises(ValueError):
        thing.bad()
    assert clock.seconds["part"] == pytest.approx(3.0)


def test_the_parts_of_a_step_add_up_to_the_whole():
    *parts, whole = profile_control_step("straight")
    assert sum(part.value for part in parts) == pytest.approx(whole.value)
    assert sum(part.ratio for part in parts) == pytest.approx(1.0)
    assert min(part.value for part in parts) >= 0.0


def test_the_two_renderers_agree_within_the_bar():
    close, worst, difference = measure_renderer_agreement(frames=6)
    assert close.value >= 97.0
    assert worst.value <= close.value
    assert difference.value <= 3.0


def test_resident_memory_grows_with_what_is_held():
    # In a fresh process: one that has freed memory before may hold new arrays in it.
    code = (
        "import numpy as np; from sim.benchmark.measurements import resident_mb; before = resident_mb(); "
        "held = np.ones(8 * 2**20); print(resident_mb() - before, held.all())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 56 < float(ran.stdout.split()[0]) < 90


def test_tables_and_json_name_the_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(
        benchmark, "measure_renderer_agreement", lambda frames: iter([Measurement("agreement", "equal", 99.5, "%")])
    )
    assert main(["agreement", "--json", str(tmp_path / "b.json")]) == 0
    written = json.loads((tmp_path / "b.json").read_text())
    assert written["machine"]["cpu"]
    assert written["machine"]["device"]
    assert written["measurements"] == [
        {"group": "agreement", "name": "equal", "value": 99.5, "unit": "%", "ratio": None}
    ]
    text = io.StringIO()
    print_tables(
        Console(file=text, width=100),
        written["machine"],
        [Measurement("camera", "gl", 1234.5, "frames/s", 12.34)],
    )
    assert "1,234.5" in text.getvalue()
    assert "12.3 x" in text.getvalue()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["camra"], "did you mean 'camera'"), (["policy", "--policy", "exprt"], "did you mean 'expert'")],
)
def test_misspelt_names_are_found_before_anything_is_measured(arguments, message):
    with pytest.raises(InputError, match=message):
        main(arguments)


def test_a_folder_is_no_json_file(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        main(["camera", "--json", str(tmp_path)])
