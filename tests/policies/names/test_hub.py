"""Against a mirror on this machine; the real hub is never asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from policies.names.shipped import CHECKPOINTS

from .hub_mirror import COMMIT, serve

ROOT = Path(__file__).parents[3]
PIN = """
import sys
from policies.names.parsing import parse_policies, pin_policies
from scenarios.common.errors import InputError
try:
    for each in pin_policies(parse_policies(sys.argv[1:])):
        print(each.label, each.target)
except InputError as error:
    print(error)
"""
MAKE = """
import sys
from policies.registry import make_policy
policy = make_policy(sys.argv[1])
print(policy.spec.name, policy.weights_sha256 == make_policy("mobile-vla").weights_sha256)
"""


def ask(url: str, cache: Path, *typed: str, script: str = PIN, **variables: str) -> str:
    """What a process prints that pins or makes policies, with another address of the hub."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": url,
        "HF_HOME": str(cache),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        **variables,
    }
    environment |= {"PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    command = [sys.executable, "-c", script, *typed]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repositories")
    full = folder / "full"
    full.mkdir()
    for name in ("config.json", "model.safetensors"):
        (full / name).write_bytes((CHECKPOINTS / "mobile-vla" / name).read_bytes())
    for name in ("evil.py", "pytorch_model.bin", "optimizer.safetensors", "README.md"):
        (full / name).write_text("not for us")
    pickled = folder / "pickled"
    pickled.mkdir()
    (pickled / "config.json").write_text('{"model_type": "hybrid"}')
    (pickled / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with serve({"me/full": full, "me/pickled": pickled}) as server:
        yield server


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_a_revision_is_pinned_to_its_commit_and_only_allowed_files_are_downloaded(mirror, tmp_path) -> None:
    mirror.asked.clear()
    assert ask(mirror.url, tmp_path, "hf://me/full@v1") == f"hf://me/full@v1 hf://me/full@{COMMIT}"
    assert sorted(mirror.asked) == ["config.json", "model.safetensors"]


def test_a_label_stays_and_no_revision_means_the_main_branch(mirror, cache) -> None:
    assert ask(mirror.url, cache, "a=hf://me/full") == f"a hf://me/full@{COMMIT}"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("hf://me/none", "policy 'hf://me/none': there is no repository 'me/none' on the hub, or it is private"),
        ("hf://me/full@v9", "policy 'hf://me/full@v9': repository 'me/full' has no revision 'v9'"),
        ("hf://me/pickled", "policy 'hf://me/pickled': the repository has no model.safetensors, as save_pretrained"),
    ],
)
def test_what_the_hub_does_not_have_is_one_sentence(typed, sentence, mirror, cache) -> None:
    printed = ask(mirror.url, cache, typed)
    assert printed.startswith(sentence)
    assert "\n" not in printed


def test_without_a_network_a_checkpoint_in_the_cache_is_taken_and_another_is_one_sentence(mirror, cache) -> None:
    ask(mirror.url, cache, "hf://me/full@v1")
    nowhere = "http://127.0.0.1:9"
    assert ask(nowhere, cache, "hf://me/full@v1").endswith(COMMIT)
    assert "the hub can't be reached, and the checkpoint isn't in the cache" in ask(nowhere, cache, "hf://me/other")
    assert "can't be reached" in ask(mirror.url, cache, "hf://me/other", HF_HUB_OFFLINE="1")


def test_a_downloaded_checkpoint_is_the_policy_that_was_uploaded(mirror, cache) -> None:
    assert ask(mirror.url, cache, "hf://me/full@v1", script=MAKE) == "full True"
