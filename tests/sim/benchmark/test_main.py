"""Laws of ``python -m sim.benchmark``."""

import json

import pytest

from scenarios.common.errors import InputError
from sim.benchmark import __main__ as benchmark
from sim.benchmark.__main__ import choose_benchmarks, main, make_benchmarks, make_parser
from sim.benchmark.measurements import Measurement


@pytest.fixture(autouse=True)
def environment_stays(monkeypatch):
    monkeypatch.setattr(benchmark.os, "environ", dict(benchmark.os.environ))


def test_tables_and_json_name_the_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(
        benchmark, "measure_renderer_agreement", lambda frames: iter([Measurement("agreement", "equal", 99.5, "%")])
    )
    assert main(["agreement", "--json", str(tmp_path / "b.json"), "--tables", str(tmp_path / "b.md")]) == 0
    written = json.loads((tmp_path / "b.json").read_text())
    assert written["machine"]["cpu"]
    assert written["machine"]["device"]
    assert written["measurements"] == [
        {"group": "agreement", "name": "equal", "value": 99.5, "unit": "%", "ratio": None, "limit": None, "at": None}
    ]
    assert "| equal | 99.50 | % |" in (tmp_path / "b.md").read_text()


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


def test_the_help_names_every_benchmark(monkeypatch):
    monkeypatch.setenv("COLUMNS", "10000")  # no name is broken at its hyphen
    text = " ".join(make_parser().format_help().split())
    assert ", ".join((*make_benchmarks("", 1), "all")) in text


def choose(*arguments):
    return choose_benchmarks(make_parser().parse_args(arguments), ("camera", "growth", "peers"))


def test_what_takes_long_or_installs_software_is_measured_only_on_request():
    assert choose() == ("camera",)
    assert choose("--peers") == ("camera", "peers")
    assert choose("growth") == ("growth",)
    assert choose("peers", "--peers") == ("peers",)


@pytest.mark.parametrize(("moved", "renew", "code"), [(0, [], 0), (2, [], 1), (2, ["--renew", "why"], 0)])
def test_golden_runs_that_moved_end_with_1_unless_they_are_renewed(moved, renew, code, monkeypatch):
    asked = []

    def measure(line):
        asked.append(line)
        yield Measurement("golden", "worlds: cases that moved", moved, "of 12")

    monkeypatch.setattr(benchmark, "measure_golden", measure)
    assert main(["golden", *renew]) == code
    assert asked == [renew[1] if renew else None]


def test_only_golden_runs_are_renewed():
    with pytest.raises(InputError, match="--renew is for 'golden', not for 'camera'"):
        choose("camera", "--renew", "why")


def test_a_chart_is_drawn_of_what_has_one(tmp_path, monkeypatch):
    bar = Measurement("loop", "zero: digest", 1.0, "ms/observation", 2.0, 0.5)
    monkeypatch.setattr(benchmark, "measure_ledger", lambda name, repeats: iter([bar]))
    assert main(["loop", "--policy", "zero", "--plot", str(tmp_path / "b.svg")]) == 0
    assert "digest" in (tmp_path / "b.svg").read_text()
    with pytest.raises(InputError, match="no chart of 'camera', only of loop and growth"):
        main(["camera", "--plot", str(tmp_path / "c.svg")])
