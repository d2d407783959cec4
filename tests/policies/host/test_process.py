"""Starting and ending a host: what can go wrong is one sentence, and nothing is left."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from policies.host.process import LEAST_RELOAD_S, START_S, HostProcess, limit_reload
from scenarios.common.errors import InputError

from .hosts import POLICIES, host_processes, observe, open_policy, request, start, wait_until


def test_a_dictionary_is_a_spec_and_numpy_numbers_are_numbers() -> None:
    made = HostProcess(request("NumpySpec"))
    made.close()
    assert (made.address.spec.image_size, made.address.spec.period_s) == ((8, 8), 0.1)
    assert made.address.weights_sha256 is None


def test_a_spec_of_this_package_is_the_same_in_a_host(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    (tmp_path / "declared.py").write_text(DECLARED)
    made = HostProcess(replace(request("x"), target=f"{tmp_path}/declared.py:Declared"))
    made.close()
    namespace: dict[str, object] = {}
    exec(DECLARED, namespace)
    assert made.address.spec == namespace["SPEC"]


DECLARED = """
from policies.formats.action_format import ActionFormat
from policies.formats.normalisation import Normalisation
from policies.formats.observation_format import ObservationFormat
from policies.policy import PolicySpec
SPEC = PolicySpec(
    "declared", (96, 128), 0.2, (0.1, 0.0, 0.0), history=2, chunk=8, replan=4, parameters=7, runtime="jax",
    action=ActionFormat("displacement", ("dx", "dyaw"), signs=(1, -1),
                        normalisation=Normalisation("quantiles", (0.1, 0.2), (0.3, 0.4))),
    observation=ObservationFormat(frames=2, colours="bgr", state=("vx", "wz"),
                                  normalisation=Normalisation("mean-std", (0.1, 0.2), (0.3, 0.4))),
)
class Declared:
    spec = SPEC
    def reset(self, slots, instructions): ...
    def act(self, batch): ...
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("RaisesWhenMade", "EOFError: Ran out of input \\(hosted_policies.py:\\d+\\)"),
        ("LeavesWhenMade", "its process ended \\(exit code 9: no licence found\\)"),
        ("WithoutAct", "a WithoutAct without act: a policy has spec, reset and act, or spec and infer"),
        ("NeedsArgument", "it needs the argument 'path': give it by --policy-args '{\"path\": \"…\"}'"),
        ("BadSpec", "'image_size'"),
        ("RaisingSpec", "KeyError: 'image_size' \\(hosted_policies.py:\\d+\\)"),
        ("InfersWithoutKeys", "must name the keys"),
        ("Nothing", "there is no 'Nothing' in .*hosted_policies.py: it has Aborts, BadSpec"),
        ("number", "is a int: name a class, or a function that makes one"),
    ],
)
def test_what_can_not_be_loaded_is_one_sentence(name, said) -> None:
    before = host_processes()
    with pytest.raises(InputError, match=said) as caught:
        HostProcess(request(name))
    assert "\n" not in str(caught.value)
    assert wait_until(lambda: host_processes() <= before)


def test_arguments_reach_the_class_and_unknown_ones_are_refused() -> None:
    HostProcess(request("NeedsArgument", arguments='{"path": "a"}')).close()
    with pytest.raises(InputError, match="takes no argument 'q': it takes path, k"):
        HostProcess(request("NeedsArgument", arguments='{"path": "a", "q": 1}'))


def test_a_spec_that_is_never_read_ends_with_the_time_for_the_start() -> None:
    with pytest.raises(InputError, match="can't be loaded within 2 s"):
        HostProcess(request("HangsInSpec"), start_s=2.0)


def test_loading_again_may_take_ten_times_as_long_but_not_for_ever() -> None:
    assert [limit_reload(load_s, 4.0) for load_s in (0.1, 5.0, 100.0)] == [LEAST_RELOAD_S, 50.0, START_S]
    assert limit_reload(0.1, 60.0) == 60.0


def test_a_python_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="--policy-python '/nowhere/python' can't be run: No such file"):
        HostProcess(request("Base", python="/nowhere/python"))


def test_a_python_without_numpy_is_named(tmp_path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')  # -S: without site-packages
    bare.chmod(0o755)
    environment = (("PYTHONPATH", ""),)
    with pytest.raises(InputError, match="has no NumPy: install it there"):
        HostProcess(request("Base", python=str(bare), environment=environment))


def find_other_python(version: str) -> str:
    """A Python of another version that has NumPy."""
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", "import numpy"], capture_output=True, check=False).returncode:
        pytest.skip(f"needs a Python {version} with NumPy on the path")
    return python


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.12", "3.13", "3.14"])
def test_a_policy_lives_in_another_python(version) -> None:
    from policies.host.client import HostedPolicy, OwnHost

    policy = HostedPolicy(OwnHost(request("Mean", python=find_other_python(version))))
    try:
        start(policy)
        assert policy.act(observe()) == pytest.approx(np.array([[0.01, 0.2, 0.5]] * 2))
    finally:
        policy.close()


def test_closing_a_host_leaves_no_process_and_no_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = host_processes()
    made = HostProcess(request("Base"))
    assert len(host_processes() - before) == 2
    made.close()
    made.close()
    assert host_processes() <= before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_host_ends_with_a_parent_that_is_killed_while_the_policy_hangs(tmp_path) -> None:
    before = host_processes()
    code = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from policies.host.client import HostedPolicy, OwnHost
from policies.host.process import HostRequest
policy = HostedPolicy(OwnHost(HostRequest({str(POLICIES) + ":HangsInReset"!r}, "x")))
print("started", flush=True)
policy.reset([0], ["go"])
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"started\n"
    assert host_processes() - before
    parent.kill()
    parent.wait()
    assert wait_until(lambda: host_processes() <= before)


def test_printing_megabytes_blocks_nothing_and_stays_off_standard_output(capfd) -> None:
    policy = open_policy("Prints")
    start(policy)
    policy.act(observe())
    policy.close()
    out, err = capfd.readouterr()
    assert out == ""
    assert "spoken" in err


def test_the_policy_sees_its_own_folders_and_not_this_package(tmp_path, monkeypatch) -> None:
    """A user's project with folders that are named as ours."""
    for name in ("policies", "envs", "sim", "scenarios"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"OWN = {name!r}")
    (tmp_path / "mine.py").write_text(
        "import policies, envs, sim, scenarios\nfrom " + "os import *\n"
        "assert [m.OWN for m in (policies, envs, sim, scenarios)] == ['policies', 'envs', 'sim', 'scenarios']\n"
        + POLICIES.read_text()
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    for target in ("mine.py:Base", "mine:Base"):
        HostProcess(replace(request("Base"), target=target)).close()
