"""What ``envs.camera`` exports."""

from __future__ import annotations

import pytest

import envs.camera


def test_every_exported_name_can_be_imported() -> None:
    for name in envs.camera.__all__:
        assert getattr(envs.camera, name) is not None
    assert set(envs.camera.__all__) == set(envs.camera._MODULE_OF)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'envs\.camera' has no attribute 'Kamera'"):
        envs.camera.Kamera  # noqa: B018
