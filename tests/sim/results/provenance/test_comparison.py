"""Laws of the comparison of what rows were made by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import MANIFEST

from sim.results.provenance.facts import CodeVersion, Machine, RendererFacts

FIRST = MANIFEST.provenance


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"code": CodeVersion("0.2.0", None)}, ["code"]),
        ({"python": "3.12.0"}, ["python"]),
        ({"packages": {"numpy": "2.1", "torch": "3"}}, ["packages.numpy", "packages.torch"]),
        ({"packages": {}}, ["packages.numpy"]),
        ({"machine": Machine("Linux 7", "another", 2)}, ["machine.system", "machine.cpu"]),
        ({"renderer": RendererFacts("auto", "gl", "a GPU")}, ["renderer"]),
        ({"runtimes": {**FIRST.runtimes, "good": "torch"}}, ["runtime of good"]),
    ],
)
def test_every_difference_is_listed_and_changes_the_name(change, names):
    other = replace(FIRST, **change)
    assert list(FIRST.list_differences(other)) == list(other.list_differences(FIRST)) == names
    assert other.name != FIRST.name


def test_what_changes_no_row_changes_no_name():
    other = replace(FIRST, machine=replace(FIRST.machine, cores=99), renderer=replace(FIRST.renderer, asked="gl"))
    assert FIRST.list_differences(other) == {}
    assert other.name == FIRST.name
    assert len(FIRST.name) == 8


def test_a_difference_gives_both_texts():
    other = replace(FIRST, packages={})
    assert FIRST.list_differences(other) == {"packages.numpy": ("2.0", "none")}
    assert other.list_differences(FIRST) == {"packages.numpy": ("none", "2.0")}
