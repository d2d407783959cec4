from __future__ import annotations

import pytest

from policies.remote.opening import EventLoop


@pytest.fixture
def loop():
    made = EventLoop()
    yield made
    made.close()
