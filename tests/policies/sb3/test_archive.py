"""A zip is read as text and tensors; whatever is no saved model is refused in one sentence."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path

import pytest
import torch

from policies.sb3 import archive
from policies.sb3.archive import read_archive
from scenarios.common.errors import InputError

from .models import MODELS, rewrite


def test_a_zip_gives_its_description_as_text_and_its_weights(tmp_path: Path) -> None:
    model = MODELS["td3"]()
    model.save(tmp_path / "td3.zip")
    found = read_archive(tmp_path / "td3.zip")
    assert found.data["action_space"]["_shape"] == [3]
    assert found.data["policy_class"]["__module__"] == "stable_baselines3.td3.policies"
    assert all(torch.equal(found.weights[name], value) for name, value in model.policy.state_dict().items())


def stored(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_what_is_no_model_is_refused_in_one_sentence(tmp_path: Path) -> None:
    MODELS["ppo, state"]().save(tmp_path / "good.zip")
    good = tmp_path / "good.zip"
    broken = {
        "text": tmp_path / "text.zip",
        "no weights": rewrite(good, tmp_path / "no_weights.zip", policy_pth=None),
        "no data": rewrite(good, tmp_path / "no_data.zip", data=None),
        "data": rewrite(good, tmp_path / "data.zip", data=b"[1, 2"),
        "list": rewrite(good, tmp_path / "list.zip", data=b"[1, 2]"),
        "weights": rewrite(good, tmp_path / "weights.zip", policy_pth=b"nothing"),
        "pickle": rewrite(good, tmp_path / "pickle.zip", policy_pth=pickle.dumps({"a": Path("x")})),
        "numbers": rewrite(good, tmp_path / "numbers.zip", policy_pth=stored({"a": 1})),
    }
    broken["text"].write_text("no zip")
    for path in broken.values():
        with pytest.raises(InputError) as caught:
            read_archive(path)
        assert path.name in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="can't be read: No such file"):
        read_archive(tmp_path / "missing.zip")


def test_what_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MODELS["ppo, state"]().save(tmp_path / "good.zip")
    large = rewrite(tmp_path / "good.zip", tmp_path / "large.zip", data=json.dumps({"a": "b" * 2000}).encode())
    monkeypatch.setattr(archive, "LARGEST_DATA", 1000)
    with pytest.raises(InputError, match="contains 'data' of 2,009 bytes: 1,000 are the most"):
        read_archive(large)
