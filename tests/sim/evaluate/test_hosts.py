"""Policies that aren't ours live in hosts: the same digests, and a fault is a row. Each run here starts workers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.host.sharing.node_broker import NODE
from sim.evaluate.__main__ import main
from sim.evaluate.hosts import open_hosts
from sim.evaluate.job_kinds import EvaluationSettings

from ...policies.host.hosts import POLICIES, host_processes, wait_until

ROOT = Path(__file__).parents[3]
RUN = ["--scenario", "corridor", "--video", "none", "--no-offline", "--policy-timeout", "10"]
OURS = """
from policies.registry import make_policy
def hybrid():
    return make_policy("hybrid")
def expert():
    return make_policy("expert")
"""


def drive(out: Path, policies: str, *more: str) -> list[dict[str, Any]]:
    main([*RUN, "--no-check", "--policy", policies, "--out", str(out), *more])
    return [json.loads(line) for line in (out / "episodes.jsonl").read_text().splitlines()]


def digests(rows: list[dict[str, Any]], policy: str) -> dict[int, str]:
    return {row["episode"]: row["digest"] for row in rows if row["policy"] == policy}


def test_hosts_have_the_run_s_limits_and_end_with_it() -> None:
    settings = EvaluationSettings("auto", "none")
    with open_hosts(settings, 7.0) as shared:
        assert shared.hosting is not None
        assert Path(shared.hosting.broker).exists()
        assert (shared.hosting.timeout_s, dict(shared.hosting.environment)["OMP_NUM_THREADS"]) == (7.0, "1")
    assert not Path(shared.hosting.broker).exists()
    with open_hosts(settings, 7.0, among="none") as private, open_hosts(settings, 7.0, among="nodes") as nodes:
        assert private.hosting is not None
        assert private.hosting.broker == ""
        assert nodes.hosting is not None
        assert nodes.hosting.broker.startswith(NODE)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "workers"), [("hybrid", 1), ("hybrid", 2), ("expert", 1)])
def test_a_hosted_policy_drives_to_the_bit_as_one_in_the_worker(name, workers, tmp_path, monkeypatch) -> None:
    """The expert is told the true world."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "hosted.py").write_text(OURS)
    before = host_processes()
    count = ["--episodes", "12", "--workers", str(workers)]
    rows = drive(tmp_path / "run", f"hosted={tmp_path}/hosted.py:{name},{name}", *count)
    assert digests(rows, "hosted") == digests(rows, name)
    assert len(digests(rows, "hosted")) == 12
    weights = {name: facts["weights"] for name, facts in _manifest(tmp_path / "run")["policies"].items()}
    assert weights["hosted"] == weights[name]
    assert (weights[name] is None) == (name == "expert")
    assert host_processes() <= before


def _manifest(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "manifest.json").read_text())
    return found


FAULTS = {
    "ExitsHard": "its process ended (exit code 3)",
    "Segfaults": "its process ended (killed by SIGSEGV)",
    "Leaves": "SystemExit: lost the policy server (hosted_policies.py:",
    "RaisesSurrogates": "ValueError: bad file \\udcff \\ud800 (hosted_policies.py:",
    "WritesToConnections": "the policy did not return within 10 s",
    "LeavesAChildBehind": "its process ended (exit code 5)",
}


@pytest.mark.slow
def test_misbehaving_policies_are_faults_with_their_cause_and_change_no_other_row(tmp_path) -> None:
    before = host_processes()
    named = {name: f"{name}={POLICIES}:{name}" for name in (*FAULTS, "ChangesItsProcess", "Base")}
    rows = drive(tmp_path / "run", ",".join([*named.values(), "straight"]), "--episodes", "3", "--workers", "2")
    alone = drive(tmp_path / "alone", f"{named['Base']},straight", "--episodes", "3", "--workers", "1")
    assert len(rows) == 3 * (len(named) + 1)
    for name, cause in FAULTS.items():
        ended = [(row["failure"], row["error"]) for row in rows if row["policy"] == name]
        assert all(failure == "policy-fault" and error.startswith(cause) for failure, error in ended), ended
    for name in ("Base", "straight"):
        assert digests(rows, name) == digests(alone, name)
    assert wait_until(lambda: host_processes() <= before)


@pytest.mark.slow
def test_a_policy_that_ends_a_shared_host_costs_only_the_block_that_it_drove(tmp_path) -> None:
    """Two workers share a host, which is ended once: the other worker's block is driven again, to the same digests."""
    (tmp_path / "once.py").write_text(
        f"import sys; sys.path.insert(0, {str(POLICIES.parent)!r})\n"
        "import os, hosted_policies\n"
        "class Once(hosted_policies.Base):\n"
        "    def alter(self, actions, batch):\n"
        f"        marker = {str(tmp_path / 'marker')!r}\n"
        "        if self.calls == 5 and not os.path.exists(marker):\n"
        "            open(marker, 'w').close()\n"
        "            os._exit(3)\n"
        "        return actions\n"
    )
    policy = f"once={tmp_path}/once.py:Once"
    broken = drive(tmp_path / "broken", policy, "--episodes", "20", "--workers", "2")
    sound = digests(drive(tmp_path / "sound", policy, "--episodes", "20", "--workers", "2"), "once")
    blamed = {row["episode"] for row in broken if row["failure"] == "policy-fault"}
    assert blamed in (set(range(10)), set(range(10, 20)))
    kept = {episode: digest for episode, digest in digests(broken, "once").items() if episode not in blamed}
    assert kept == {episode: digest for episode, digest in sound.items() if episode not in blamed}
    assert len(kept) == 10


@pytest.mark.slow
def test_a_project_with_folders_of_our_names_is_driven(tmp_path, monkeypatch) -> None:
    for name in ("policies", "envs", "sim"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"OWN = {name!r}")
    (tmp_path / "policies" / "mine.py").write_text(
        "import envs, policies, sim\nassert [envs.OWN, policies.OWN, sim.OWN] == ['envs', 'policies', 'sim']\n"
        + POLICIES.read_text()
    )
    monkeypatch.chdir(tmp_path)
    rows = drive(tmp_path / "run", "mine=policies/mine.py:Base", "--episodes", "2", "--workers", "1")
    assert [row["failure"] == "policy-fault" for row in rows] == [False, False]


def test_another_python_for_our_own_policies_alone_is_refused() -> None:
    from scenarios.common.errors import InputError

    with pytest.raises(InputError, match="--policy-python is for a class or function of your own"):
        main([*RUN, "--policy", "straight", "--policy-python", "python3"])
