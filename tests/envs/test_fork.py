"""A process that forks: OpenGL is opened late, and a fork of a process that had opened it is noticed, never a hang."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import gymnasium as gym
import numpy as np
import pybullet as p
import pytest

from envs.camera import Camera, make_renderer
from envs.camera.opengl.context import GlForkedError
from envs.camera.opengl.renderer import GlRenderer
from envs.simulation.world_builder import texture_file
from scenarios.common.errors import InputError

pytestmark = pytest.mark.slow  # starts processes that render

ROOT = Path(__file__).resolve().parents[2]
CORRIDOR = "MobileVLA/Corridor-v1"
ACTION = np.array([0.5, 0.0, 0.1], np.float32)

VECTOR = """
import multiprocessing, sys, warnings
import gymnasium as gym, numpy as np
import envs
multiprocessing.set_start_method("fork")
if "rendered" in sys.argv:
    first = gym.make("MobileVLA/Corridor-v1", renderer="auto")
    first.reset(seed=0)
make = {
    "vector": lambda: gym.vector.AsyncVectorEnv([lambda: gym.make("MobileVLA/Corridor-v1")] * 2),
    "make_vec": lambda: gym.make_vec("MobileVLA/Corridor-v1", num_envs=2, vectorization_mode="async"),
}[sys.argv[1]]
workers = make()
observations, infos = workers.reset(seed=5)
for _ in range(3):
    workers.step(np.array([[0.5, 0.0, 0.1]] * 2, np.float32))
workers.close()
print(observations["pixels"].shape, sorted(set(infos["renderer"])), observations["pixels"].any())
"""


def in_a_process(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program, and end all its processes if they hang."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        pytest.fail("it hangs")
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def in_a_fork(call: Callable[[], str]) -> str:
    """What a call gives in a forked child, which has 60 s for it; an exception's type and words if it raises."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            said = call()
        except BaseException as error:  # noqa: BLE001 - all of it is for the parent
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    assert os.waitpid(child, 0)[1] == 0, "it hangs"
    return said


@pytest.mark.slow
@pytest.mark.parametrize("made", ["vector", "make_vec"])
def test_vector_environments_in_forked_processes_step_and_close(made: str) -> None:
    ran = in_a_process(VECTOR, made)
    assert ran.returncode == 0, ran.stderr
    assert "(2, 224, 224, 3)" in ran.stdout
    assert f"['{make_renderer().name}'] True" in ran.stdout  # what this machine has, and no picture is empty


@pytest.mark.slow
@pytest.mark.usefixtures("opened_gl")
def test_after_a_picture_in_the_parent_they_fall_back_and_say_so() -> None:
    ran = in_a_process(VECTOR, "vector", "rendered")
    assert ran.returncode == 0, ran.stderr
    assert "['tiny'] True" in ran.stdout
    assert "start processes with 'spawn' or 'forkserver'" in ran.stderr


@pytest.fixture
def opened_gl() -> GlRenderer:
    """OpenGL is open in this process."""
    renderer = make_renderer()
    if not isinstance(renderer, GlRenderer):
        pytest.skip(f"no OpenGL here: {renderer.reason}")
    return renderer


def test_a_forked_process_can_not_open_gl_once_its_parent_had(opened_gl: GlRenderer) -> None:
    said = in_a_fork(lambda: make_renderer("gl").name)
    assert said.startswith("InputError: renderer 'gl' is not available here (OpenGL does not survive a fork")
    assert "\n" not in said
    opened_gl.close()
    assert in_a_fork(lambda: make_renderer("gl").name) == said  # the driver stays, with its threads


@pytest.mark.filterwarnings("ignore:pictures are drawn by TinyRenderer")
def test_auto_is_tiny_in_a_forked_process_and_says_why(opened_gl: GlRenderer) -> None:
    said = in_a_fork(lambda: f"{(renderer := make_renderer()).name}: {renderer.reason}")
    assert said.startswith("tiny: gl is not available here: OpenGL does not survive a fork")


def test_a_renderer_of_the_parent_refuses_and_closes_quietly(opened_gl: GlRenderer) -> None:
    for call in (lambda: opened_gl.render([]), lambda: opened_gl.render_rgb([])):
        assert in_a_fork(lambda call=call: str(call())).startswith(f"{GlForkedError.__name__}: OpenGL does not survive")
    assert in_a_fork(lambda: str(opened_gl.close())) == "None"
    assert opened_gl.render([]) == []  # and is what it was where it was opened


def test_an_environment_that_the_parent_drew_with_is_refused_in_a_fork(opened_gl: GlRenderer) -> None:
    env = gym.make(CORRIDOR, renderer="gl")
    env.reset(seed=1)
    assert in_a_fork(lambda: str(env.step(ACTION))).startswith("GlForkedError: OpenGL does not survive a fork")
    assert in_a_fork(lambda: str(env.close())) == "None"
    assert env.step(ACTION)[0]["pixels"].any()
    env.close()


def test_physics_and_tiny_pictures_go_on_in_a_fork_as_they_would_have() -> None:
    env = gym.make(CORRIDOR, renderer="tiny")
    env.reset(seed=1)

    def stepped() -> str:
        observation = env.step(ACTION)[0]
        return f"{observation['agent_pos'].tolist()} {int(observation['pixels'].sum())}"

    assert in_a_fork(stepped) == stepped()
    env.close()


def test_a_fork_paints_textures_in_a_folder_of_its_own() -> None:
    ours = texture_file("wall/brick")
    theirs = Path(in_a_fork(lambda: str(texture_file("wall/brick"))))
    assert theirs.name == ours.name
    assert theirs.parent != ours.parent


def test_no_constructor_opens_a_renderer_but_a_misspelt_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(name: str) -> None:
        raise AssertionError(f"'{name}' was opened")

    monkeypatch.setattr("envs.simulation.lockstep.make_renderer", opened)
    monkeypatch.setattr("envs.camera.camera.make_renderer", opened)
    gym.make(CORRIDOR, render_mode="rgb_array").close()
    client = p.connect(p.DIRECT)
    Camera(client).close()
    with pytest.raises(InputError, match="unknown renderer 'tinny': did you mean 'tiny'"):
        gym.make(CORRIDOR, renderer="tinny")
    with pytest.raises(InputError, match="unknown renderer 'tinny': did you mean 'tiny'"):
        Camera(client, renderer="tinny")
    p.disconnect(client)
