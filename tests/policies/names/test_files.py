from __future__ import annotations

import pytest

from policies.names import files
from policies.names.files import has_suffix, make_sb3_policy
from policies.names.reference import PolicyReference
from scenarios.common.errors import InputError


@pytest.mark.parametrize(("name", "found"), [("a.onnx", True), ("A.OnNx", True), ("a.onnx2", False)])
def test_the_case_of_a_suffix_does_not_matter(name, found, tmp_path) -> None:
    (tmp_path / name).write_bytes(b"")
    assert has_suffix(str(tmp_path / name), ".onnx") is found


def test_a_folder_or_nothing_is_no_file(tmp_path) -> None:
    (tmp_path / "a.zip").mkdir()
    assert not has_suffix(str(tmp_path / "a.zip"), ".zip")
    assert not has_suffix(str(tmp_path / "b.zip"), ".zip")


def test_a_version_without_a_loader_of_zips_says_so(monkeypatch) -> None:
    monkeypatch.setattr(files, "SB3_MODULE", "policies.no_such_loader")
    with pytest.raises(InputError, match="can't load Stable-Baselines3's zips"):
        make_sb3_policy(PolicyReference("ppo.zip", "ppo.zip"))


def test_the_loader_gets_path_name_and_trust(monkeypatch) -> None:
    import sys
    from types import ModuleType

    module, asked = ModuleType("fake_loader"), []
    module.load = lambda *given, **named: asked.append((*map(str, given), named))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fake_loader", module)
    monkeypatch.setattr(files, "SB3_MODULE", "fake_loader")
    monkeypatch.setattr(files, "SB3_LOADER", "load")
    make_sb3_policy(PolicyReference("runs/ppo.zip", "runs/ppo.zip", trust_pickle=True))
    make_sb3_policy(PolicyReference("a", "runs/ppo.zip", is_labelled=True))
    assert asked == [
        ("runs/ppo.zip", "ppo", {"trust_pickle": True}),
        ("runs/ppo.zip", "a", {"trust_pickle": False}),
    ]
