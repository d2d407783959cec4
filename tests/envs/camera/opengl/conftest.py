"""An OpenGL context of one's own, for what the renderer is made of."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl
import pytest

from envs.camera.opengl.context import GlUnavailableError, open_context


@pytest.fixture(scope="session")
def _one_context() -> Iterator[moderngl.Context]:
    try:
        context = open_context()
    except GlUnavailableError as failure:
        pytest.skip(f"no OpenGL here: {failure}")
    yield context
    context.release()


@pytest.fixture
def context(_one_context: moderngl.Context) -> Iterator[moderngl.Context]:
    """One context for all tests, current during the test."""
    with _one_context:
        yield _one_context
