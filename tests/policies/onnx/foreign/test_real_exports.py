"""Files as torch itself exports them: they drive as the network does."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from policies.policy import ObservationBatch
from policies.registry import make_policy
from scenarios.common.errors import InputError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


class Camera(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.Flatten(), nn.Linear(4 * 15 * 15, 3), nn.Tanh())

    def forward(self, image):
        return self.layers(image)


class Memory(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.camera, self.cell = Camera(), nn.GRUCell(3, 3)

    def forward(self, image, h_in):
        h_out = self.cell(self.camera(image), h_in)
        return torch.tanh(h_out), h_out


def export(network: nn.Module, path: Path, inputs, names, outputs, **options) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, inputs, str(path), input_names=names, output_names=outputs, **options)
    return str(path)


def see(seed: int) -> tuple[ObservationBatch, torch.Tensor]:
    pixels = np.random.default_rng(seed).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    planes = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255.0
    return ObservationBatch(pixels, np.zeros((2, 6), np.float32), np.ones(2, bool)), planes


@pytest.mark.parametrize(
    "options",
    [
        {"dynamo": False},
        {"dynamo": False, "dynamic_axes": {"image": {0: "n"}, "action": {0: "n"}}},
        {"dynamo": True, "external_data": False},
    ],
)
def test_a_network_of_frames_drives_as_in_torch(options, tmp_path) -> None:
    torch.manual_seed(0)
    network = Camera().eval()
    file = export(network, tmp_path / "m.onnx", (torch.rand(1, 3, 32, 32),), ["image"], ["action"], **options)
    policy = make_policy(file)
    assert (policy.spec.image_size, policy.spec.observation.layout) == ((32, 32), "chw")
    policy.reset((0, 1), ("go", "go"))
    batch, planes = see(0)
    with torch.no_grad():
        assert np.allclose(policy.act(batch), network(planes).numpy(), atol=1e-5)


def test_a_recurrent_network_drives_as_in_torch(tmp_path) -> None:
    torch.manual_seed(0)
    network = Memory().eval()
    inputs = (torch.rand(1, 3, 32, 32), torch.zeros(1, 3))
    file = export(network, tmp_path / "m.onnx", inputs, ["image", "h_in"], ["action", "h_out"], dynamo=False)
    policy = make_policy(file)
    policy.reset((0, 1), ("go", "go"))
    state = torch.zeros(2, 3)
    for seed in range(3):
        batch, planes = see(seed)
        with torch.no_grad():
            action, state = network(planes, state)
        assert np.allclose(policy.act(batch), action.numpy(), atol=1e-5)


def test_a_file_with_its_weights_beside_it_is_refused_with_the_option_that_helps(tmp_path) -> None:
    network, inputs = Camera().eval(), (torch.rand(1, 3, 32, 32),)
    file = export(network, tmp_path / "m.onnx", inputs, ["image"], ["action"], dynamo=True, external_data=True)
    with pytest.raises(InputError, match=r"external_data=False of torch\.onnx\.export"):
        make_policy(file)
