from __future__ import annotations

import importlib.util
import shutil
import subprocess
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from policies.host.hosting import Hosting
from policies.host.sharing.broker import HostBroker
from policies.policy import DEFAULT_RUNTIME, PolicySpec
from policies.registry import make_policy
from policies.remote.policy import RemotePolicy
from policies.serve import flavours, server
from policies.serve.__main__ import load_certificate
from scenarios.common.errors import InputError

from ..servers import SIZE, Client, Counting, observation, serve_policy

HOSTED = Path(__file__).parents[1] / "host/hosted_policies.py"
VLLM = flavours.VLLM.path


def test_a_client_as_openpis_drives_it() -> None:
    with serve_policy() as url, Client(url) as client:
        assert client.metadata["image_resolution"] == list(SIZE)
        first, second = client.ask(observation(light=255)), client.ask(observation(light=255))
        assert first["actions"].dtype == np.float32
        assert np.allclose(first["actions"], [[0.01, 1.0, 0.02]])
        assert second["actions"][0, 0] == pytest.approx(0.02)
        assert first["server_timing"].keys() == {"infer_ms"}
        assert second["server_timing"].keys() == {"infer_ms", "prev_total_ms"}


@pytest.mark.skipif(importlib.util.find_spec("openpi_client") is None, reason="openpi-client isn't installed")
def test_the_real_openpi_client_drives_it() -> None:
    from openpi_client.action_chunk_broker import ActionChunkBroker
    from openpi_client.websocket_client_policy import WebsocketClientPolicy

    with serve_policy(token="secret") as url:
        host, _, port = url.removeprefix("ws://").rpartition(":")
        policy = ActionChunkBroker(WebsocketClientPolicy(host, int(port), "secret"), action_horizon=1)
        policy.reset()
        acted = [policy.infer(observation(light=255))["actions"] for _ in range(3)]
        assert np.allclose(acted, [[0.01 * step, 1.0, 0.02] for step in (1, 2, 3)])


def test_each_connection_is_an_episode_of_its_own() -> None:
    with serve_policy() as url, Client(url) as one, Client(url) as other:
        one.ask(observation())
        assert one.ask(observation())["actions"][0, 0] == pytest.approx(0.02)
        assert other.ask(observation())["actions"][0, 0] == pytest.approx(0.01)
        with Client(url) as third:
            assert third.ask(observation())["actions"][0, 0] == pytest.approx(0.01)


def test_a_policy_whose_process_ends_costs_its_clients_one_sentence_and_serves_the_next() -> None:
    seen = {"observation/image": np.zeros((8, 8, 3), np.uint8), "observation/state": np.zeros(6, np.float32)}
    with HostBroker() as broker:
        make = partial(make_policy, f"{HOSTED}:ExitsAtThird", DEFAULT_RUNTIME, Hosting(broker.path))
        with serve_policy(make) as url, Client(url) as one, Client(url) as other:
            assert other.ask({**seen, "prompt": "go"})["actions"][0, 0] == pytest.approx(0.01)
            answers = [one.ask({**seen, "prompt": "go"}) for _ in range(3)]
            assert answers[1]["actions"][0, 0] == pytest.approx(0.02)
            assert "failed: its process ended (exit code 7)" in answers[2]
            assert "failed: the process of policy" in other.ask({**seen, "prompt": "go"})
            with Client(url) as third:
                assert third.ask({**seen, "prompt": "go"})["actions"][0, 0] == pytest.approx(0.01)


def test_an_error_is_one_sentence_of_text_and_closes_the_connection() -> None:
    with serve_policy() as url, Client(url) as client:
        answer = client.ask({**observation(), "observation/image": 3})
        assert isinstance(answer, str)
        assert "'observation/image' must be (6, 8, 3) uint8" in answer
        assert "Traceback" not in answer
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
        assert closed.value.rcvd.code == 1011


def test_text_is_answered_with_what_to_send() -> None:
    with serve_policy() as url, Client(url) as client:
        client.socket.send("hello")
        assert "binary messages" in client.receive()


def test_vllms_flavour_is_spoken_at_its_path() -> None:
    with serve_policy() as url, Client(url + VLLM) as client:
        assert client.metadata["action_space"] == "body_velocity"
        assert "mobile_vla" not in client.metadata
        assert client.ask({"endpoint": "infer", "session_id": "a", **observation()}).shape == (1, 3)
        assert client.ask({"endpoint": "infer", "session_id": "a", **observation()})[0, 0] == pytest.approx(0.02)
        assert client.ask({"endpoint": "reset"}) == {"status": "reset successful"}
        refused = client.ask({"endpoint": "infer", "session_id": "a"})
        assert refused["type"] == "error"
        assert "has no 'observation/image'" in refused["message"]
        assert client.ask(observation(session_id="a"))[0, 0] == pytest.approx(0.01)


def test_an_idle_connection_of_vllms_flavour_is_closed(monkeypatch) -> None:
    monkeypatch.setattr(server, "find_flavour", lambda path: flavours.Flavour(VLLM, 0.1, ends_with_error=False))
    with serve_policy() as url, Client(url + VLLM) as client, pytest.raises(ConnectionClosed):
        client.receive()


@pytest.mark.parametrize("path", ["healthz", "health"])
def test_its_health_can_be_asked_for_without_a_token(path: str) -> None:
    with (
        serve_policy(token="secret") as url,
        urllib.request.urlopen(url.replace("ws", "http", 1) + f"/{path}") as reply,
    ):
        assert reply.status == 200
        assert reply.read() == b"OK\n"


def refused(url: str, status: int, **headers: str) -> bool:
    with pytest.raises(InvalidStatus) as raised, connect(url, additional_headers=headers or None):
        pass
    return raised.value.response.status_code == status


def test_a_server_with_a_token_refuses_whoever_has_none() -> None:
    with serve_policy(token="secret") as url:
        for value in ("Api-Key other", "Api-Key ", "secret", "Basic secret", "Bearer secre"):
            assert refused(url, 401, Authorization=value)
        assert refused(url, 401)
        with Client(url, "secret") as client:
            client.ask(observation())
        with connect(url, additional_headers={"Authorization": "Bearer secret"}) as opened:
            assert opened.recv(timeout=30.0)


def test_a_web_page_is_refused() -> None:
    with serve_policy() as url:
        assert refused(url, 403, Origin="https://page.example")


def test_other_paths_lead_nowhere() -> None:
    with serve_policy() as url:
        assert refused(f"{url}/other", 404)
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(url.replace("ws", "http", 1) + "/nothing")


def test_more_clients_than_its_limit_are_refused_until_one_leaves() -> None:
    with serve_policy(clients=2) as url:
        with Client(url), Client(url):
            assert refused(url, 503)
        for _ in range(100):
            try:
                with Client(url) as client:
                    assert client.ask(observation())["actions"].shape == (1, 3)
                break
            except InvalidStatus:
                continue


def test_a_policy_without_weights_and_camera_is_served_too() -> None:
    message = {key: value for key, value in observation().items() if key != "observation/image"}
    with serve_policy(lambda: make_policy("straight")) as url, Client(url) as client:
        assert client.ask(message)["actions"].tolist() == [[1.0, 0.0, 0.0]]


def test_a_chunk_is_answered_whole() -> None:
    class Chunks(Counting):
        def __init__(self) -> None:
            super().__init__(PolicySpec("chunks", SIZE, 0.1, (0.0, 0.0, 0.0), chunk=4, replan=2, parameters=1))

        def share(self):
            return Chunks()

        def act(self, batch):
            return np.repeat(super().act(batch)[:, None], 4, axis=1)

    with serve_policy(Chunks) as url, Client(url) as client:
        assert client.metadata["action_horizon"] == 4
        assert client.ask(observation())["actions"].shape == (4, 3)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_certificate_makes_it_wss(tmp_path, monkeypatch) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    with serve_policy(tls=load_certificate(certificate, key)) as url:
        secure = url.replace("ws", "wss", 1)
        with pytest.raises(InputError, match=r"the certificate of .* isn't accepted"):
            RemotePolicy(secure)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert RemotePolicy(secure).spec.image_size == SIZE
