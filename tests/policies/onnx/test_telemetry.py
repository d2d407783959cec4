"""ONNX Runtime, once a policy is loaded, keeps to itself: no socket, and no queue of reports for the next time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
SWITCH = "ORT_DISABLE_TELEMETRY"
ALSO_SILENCE = ("CI", "TF_BUILD", "GITHUB_ACTIONS", "ORT_RUNNING_UNIT_TESTS")  # so the test shows something there, too

DRIVE = """
import json, os, sys, time
import numpy as np
from policies.policy import ObservationBatch
from policies.registry import make_policy

policy = make_policy("hybrid-onnx")
policy.reset([0], ["drive to the red ball"])
policy.act(ObservationBatch(np.zeros((1, 224, 224, 3), np.uint8), np.zeros((1, 6), np.float32), np.ones(1, bool)))
opened = set()
until = time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    for number in os.listdir("/proc/self/fd"):
        try:
            opened.add(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            pass
    time.sleep(0.02)
print(json.dumps(sorted(opened)))
"""


def driven(home: Path, seconds: float, *before: str) -> list[str]:
    """What a process that drives an ONNX policy, and waits then, has open meanwhile, with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in (SWITCH, *ALSO_SILENCE)}
    folders = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    ran = subprocess.run(
        [*before, sys.executable, "-c", DRIVE, str(seconds)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**kept, **folders},
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return [str(name) for name in json.loads(ran.stdout.splitlines()[-1])]


def written(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_driving_an_onnx_policy_opens_no_socket_and_queues_no_report(tmp_path: Path) -> None:
    opened = driven(tmp_path, 2.0)
    assert [name for name in opened if name.startswith("socket:") or "onnxruntime" in name.rpartition("/")[2]] == []
    assert written(tmp_path) == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_not_one_call_asks_the_kernel_for_the_network(tmp_path: Path) -> None:
    trace, home = tmp_path / "trace", tmp_path / "home"
    home.mkdir()  # the first report would be sent about nine seconds after the import
    driven(home, 15.0, "strace", "-f", "-qq", "-e", "trace=socket,connect,sendto,sendmsg", "-o", str(trace))
    assert [line for line in trace.read_text().splitlines() if "AF_INET" in line] == []


def test_a_setting_of_the_users_own_stays() -> None:
    ask = f"import os, policies.onnx; print(os.environ['{SWITCH}'])"
    environment = {name: value for name, value in os.environ.items() if name != SWITCH}
    for given, found in (({}, "1"), ({SWITCH: "0"}, "0")):
        ran = subprocess.run(
            [sys.executable, "-c", ask], capture_output=True, text=True, cwd=ROOT, env={**environment, **given}
        )
        assert ran.stdout.strip() == found
