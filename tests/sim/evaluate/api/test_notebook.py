"""Laws of ``evaluate`` in a notebook, by the kernel that notebooks run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

jupyter_client = pytest.importorskip("jupyter_client", reason="no notebooks here: pip install ipykernel")
pytest.importorskip("ipykernel", reason="no notebooks here: pip install ipykernel")

ROOT = Path(__file__).resolve().parents[4]
POLICY = """
from policies.policy import PolicySpec
from sim.evaluate import evaluate

class Straight:
    spec = PolicySpec("mine", None, 0.1, (0.0, 0.0, 0.0))
    def reset(self, slots, instructions): ...
    def act(self, batch):
        import numpy as np
        return np.full((len(batch.live), 3), 0.3)
"""


class Notebook:
    """A kernel and what its cells showed."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.shown: dict[str, str] = {}
        self.printed = ""

    def run(self, cell: str) -> str:
        """Run a cell and return its status."""
        self.shown, self.printed = {}, ""
        reply = self._client.execute_interactive(cell, timeout=300, output_hook=self._keep)
        return str(reply["content"]["status"])

    def _keep(self, message: dict[str, Any]) -> None:
        content = message["content"]
        self.shown.update(content.get("data", {}))
        self.printed += content.get("text", "") + "\n".join(content.get("traceback", []))


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    manager, client = jupyter_client.manager.start_new_kernel(cwd=str(tmp_path), env=dict(os.environ))
    yield Notebook(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_an_object_of_a_cell_is_driven_and_its_results_are_shown_as_a_table(notebook: Notebook) -> None:
    assert notebook.run(POLICY) == "ok", notebook.printed
    assert notebook.run("evaluate(Straight(), episodes=1, dataset=False)") == "ok", notebook.printed
    assert "<td>mine</td><td>corridor</td>" in notebook.shown["text/html"]
    assert "Traceback" not in notebook.printed


WORKERS = """
import random
from sim.evaluate import evaluate
before = random.getstate()
found = evaluate("straight", episodes=1, dataset=False, workers=2, progress=False)
print(found.success.n, random.getstate() == before)
"""


@pytest.mark.slow
def test_workers_are_started_from_a_cell_and_mistakes_are_one_sentence(notebook: Notebook) -> None:
    assert notebook.run(WORKERS) == "ok", notebook.printed
    assert notebook.printed.split() == ["1", "True"]
    assert notebook.run('evaluate("straigt")') == "error"
    assert "did you mean 'straight'" in notebook.printed
