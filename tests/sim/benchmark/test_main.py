"""Laws of ``python -m sim.benchmark``."""

import io
import json

import pytest
from rich.console import Console

from scenarios.common.errors import InputError
from sim.benchmark import __main__ as benchmark
from sim.benchmark.__main__ import main, make_benchmarks, make_parser, print_tables
from sim.benchmark.measurements import Measurement


@pytest.fixture(autouse=True)
def environment_stays(monkeypatch):
    monkeypatch.setattr(benchmark.os, "environ", dict(benchmark.os.environ))


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


def test_the_help_names_every_benchmark():
    text = " ".join(make_parser().format_help().split())
    assert ", ".join((*make_benchmarks("", 1), "all")) in text
