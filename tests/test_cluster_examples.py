"""Every file of ``examples/cluster`` is well-formed, and every command that it runs is a valid one of this version."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from sim.evaluate.__main__ import make_parser as make_evaluate_parser
from sim.evaluate.options import read_shard
from sim.evaluate.shards.shard import find_shard
from sim.merge.__main__ import make_parser as make_merge_parser

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples/cluster"
SCRIPTS = sorted([*FOLDER.glob("*.sh"), *FOLDER.glob("*.sbatch")])
PARSERS = {"sim.evaluate": make_evaluate_parser, "sim.merge": make_merge_parser}
STAND_INS = {
    "python": f"#!{sys.executable}\nimport json, os, sys\n"
    'open(os.environ["CALLS"], "a").write(json.dumps(sys.argv[1:]) + "\\n")\n',
    "srun": '#!/bin/bash\nexec "$@"\n',
    "ssh": '#!/bin/bash\necho "$3" >>"$HOSTS"\n[ "$3" != broken ] || exit 255\nexec bash -c "${@:4}"\n',
}


@pytest.fixture
def run_script(tmp_path):
    """Run a script with stand-ins for what a cluster has; return its exit code, and the commands that it ran."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, text in STAND_INS.items():
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    calls, hosts = tmp_path / "calls", tmp_path / "hosts"
    calls.touch()
    environment = {
        **os.environ,
        "PATH": f"{commands}:{os.environ['PATH']}",
        "CALLS": str(calls),
        "HOSTS": str(hosts),
        "PYTHON": "python",
        "SLURM_CPUS_PER_TASK": "3",
        "SLURM_JOB_ID": "17",
    }

    def run(path, *arguments):
        done = subprocess.run(
            ["bash", str(path), *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        return done, [json.loads(line) for line in calls.read_text().splitlines()]

    return run


def parse(command):
    """Parse the arguments of ``python -m MODULE``; they must be valid."""
    flag, module, *arguments = command
    assert flag == "-m"
    options = PARSERS[module]().parse_args(arguments)
    return module, options


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_valid_bash_and_stops_at_the_first_error(path):
    checked = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "set -euo pipefail" in path.read_text()


@pytest.mark.parametrize(("name", "shard"), [("slurm-shards", "auto"), ("slurm-claim", "claim")])
def test_a_slurm_task_does_its_part_with_as_many_workers_as_it_has_processors(run_script, name, shard):
    done, (command,) = run_script(FOLDER / f"{name}.sbatch")
    assert done.returncode == 0
    module, options = parse(command)
    assert (module, options.shard, options.workers) == ("sim.evaluate", shard, 3)
    assert options.out.is_absolute()


def test_the_array_of_shards_is_one_that_auto_understands():
    array = re.search(r"#SBATCH --array=(\d+)-(\d+)$", (FOLDER / "slurm-shards.sbatch").read_text(), re.MULTILINE)
    first, last = map(int, array.groups())
    tasks = range(first, last + 1)
    shards = [
        find_shard(
            {
                "SLURM_ARRAY_TASK_ID": str(task),
                "SLURM_ARRAY_TASK_COUNT": str(len(tasks)),
                "SLURM_ARRAY_TASK_MIN": str(first),
            }
        )
        for task in tasks
    ]
    assert [shard.number for shard in shards] == list(range(1, len(tasks) + 1))


def test_what_slurm_tasks_wrote_is_what_is_joined(run_script):
    _, (drive,) = run_script(FOLDER / "slurm-shards.sbatch")
    _, (_, merge) = run_script(FOLDER / "merge.sbatch")
    (_, driven), (_, merged) = parse(drive), parse(merge)
    assert merged.folders == [driven.out]
    assert merged.out.parent == driven.out.parent


def test_ssh_starts_the_same_command_on_every_host_and_joins_though_one_fails(run_script, tmp_path):
    done, commands = run_script(FOLDER / "ssh.sh", "one", "broken", "two")
    assert done.returncode == 0, done.stderr
    assert "broken ended with exit code 255" in done.stderr
    *drives, merge = commands
    assert sorted((tmp_path / "hosts").read_text().split()) == ["broken", "one", "two"]
    assert len(drives) == 2
    assert drives[0] == drives[1]
    (_, driven), (module, merged) = parse(drives[0]), parse(merge)
    assert read_shard(driven) == "claim"
    assert (module, merged.folders) == ("sim.merge", [driven.out])


def test_ssh_without_a_host_explains_itself(run_script):
    done, commands = run_script(FOLDER / "ssh.sh")
    assert (done.returncode, commands) == (2, [])
    assert "usage" in done.stderr


def read_kubernetes():
    documents = list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text()))
    return {document["metadata"]["name"]: document for document in documents}


def container_of(job):
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return container


def test_an_indexed_job_tells_each_pod_its_part():
    job = read_kubernetes()["evaluate"]
    spec, container = job["spec"], container_of(job)
    assert (job["kind"], job["apiVersion"], spec["completionMode"]) == ("Job", "batch/v1", "Indexed")
    environment = {each["name"]: each["value"] for each in container["env"]}
    for index in range(spec["completions"]):
        shard = find_shard({**environment, "JOB_COMPLETION_INDEX": str(index)})
        assert (shard.number, shard.count) == (index + 1, spec["completions"])


def test_both_jobs_share_a_volume_and_their_commands_are_valid():
    found = read_kubernetes()
    options = {}
    for name in ("evaluate", "merge"):
        pod, container = found[name]["spec"]["template"]["spec"], container_of(found[name])
        _, options[name] = parse(["-m", f"sim.{container['args'][0]}", *container["args"][1:]])
        claims = {each["name"]: each["persistentVolumeClaim"]["claimName"] for each in pod["volumes"]}
        (mount,) = container["volumeMounts"]
        assert found[claims[mount["name"]]]["spec"]["accessModes"] == ["ReadWriteMany"]
        for path in [options[name].out, *getattr(options[name], "folders", [])]:
            assert path.is_relative_to(mount["mountPath"])
        assert pod["securityContext"]["runAsNonRoot"]
    assert options["evaluate"].shard == "auto"
    assert options["merge"].folders == [options["evaluate"].out]


def read_dockerfile():
    """The instructions of the Dockerfile, as (word, rest)."""
    text = re.sub(r"\\\n", " ", (FOLDER / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def test_the_image_copies_what_the_package_needs_and_starts_its_command():
    instructions = read_dockerfile()
    known = {"FROM", "ARG", "RUN", "WORKDIR", "COPY", "USER", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in instructions} <= known
    copied = {name for word, rest in instructions if word == "COPY" for name in rest.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = {
        name.split("*")[0].split(".")[0] for name in project["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    assert packages | {project["project"]["readme"], *project["project"]["license-files"]} <= copied
    entry = next(json.loads(rest) for word, rest in instructions if word == "ENTRYPOINT")
    assert entry[0] in project["project"]["scripts"]
    assert instructions.index(("USER", "evaluator")) < [word for word, _ in instructions].index("ENTRYPOINT")


def test_every_run_of_the_image_is_valid_shell():
    for word, rest in read_dockerfile():
        if word == "RUN":
            checked = subprocess.run(["sh", "-n", "-c", rest], capture_output=True, text=True, check=False)
            assert checked.returncode == 0, checked.stderr
            assert shlex.split(rest)


def test_the_list_names_every_file():
    listed = set(re.findall(r"^\| `([^`]+)`", (FOLDER / "README.md").read_text(), re.MULTILINE))
    assert listed == {path.name for path in FOLDER.iterdir()} - {"README.md"}
