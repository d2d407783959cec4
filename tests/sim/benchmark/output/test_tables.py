"""Laws of the benchmarks' tables."""

import io

from rich.console import Console

from sim.benchmark.measurements import Measurement
from sim.benchmark.output.tables import format_markdown, make_tables, print_tables

HOST = {"cpu": "A processor", "cores": 2, "device": "a device", "python": "3.11"}
FOUND = [
    Measurement("camera", "gl", 1234.5, "frames/s", 12.34),
    Measurement("loop", "hybrid: digest", 0.0962, "ms/observation", 1.15, 0.0836),
    Measurement("loop", "hybrid: loop", 0.05, "ms/observation"),
    Measurement("growth", "time against boxes", 0.5, "s", 0.9, at=10),
    Measurement("growth", "time against boxes", 4.0, "s", 0.9, at=1000),
]


def test_each_benchmark_has_a_table_and_figures_at_several_sizes_share_a_row():
    tables = {table.group: table for table in make_tables(FOUND)}
    assert tables["camera"].rows == [("gl", "1,234.5", "frames/s", "12.3 x")]
    assert tables["loop"].headings[3:] == ("limit", "times its limit")
    assert tables["loop"].rows == [
        ("hybrid: digest", "0.0962", "ms/observation", "0.0836", "1.15 x"),
        ("hybrid: loop", "0.0500", "ms/observation", "", ""),
    ]
    assert tables["growth"].rows == [("time against boxes", "10: 0.5000, 1,000: 4.00", "s", "0.90")]


def test_the_terminal_and_markdown_name_the_machine_and_contain_every_row():
    text = io.StringIO()
    print_tables(Console(file=text, width=120), HOST, FOUND)
    markdown = format_markdown(HOST, FOUND)
    for page in (text.getvalue(), markdown):
        for said in ("A processor, 2 cores; a device; Python 3.11", "1,234.5", "1.15 x", "1,000: 4.00"):
            assert said in page
    assert "| measurement | value | unit | limit | times its limit |\n| --- | ---: | --- | ---: | ---: |" in markdown


def test_a_count_is_written_as_one():
    (table,) = make_tables([Measurement("processors", "equal stages", 12, "of 12")])
    assert table.rows == [("equal stages", "12", "of 12", "")]
