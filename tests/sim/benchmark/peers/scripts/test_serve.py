"""Laws of the server of steps: it prints a description, and a line for each turn."""

import io
import json

from sim.benchmark.peers.scripts import serve as served
from sim.benchmark.peers.scripts.serve import WARM_UP_STEPS, serve_turns


def test_it_describes_the_scene_and_answers_each_line_with_the_steps_of_a_turn(tmp_path, monkeypatch):
    script = tmp_path / "toy.py"
    script.write_text("calls = []\ndef open_scene(n): return {'n': n, 'calls': calls}, lambda: calls.append(1)\n")
    ticks = iter([0.0, 0.0, 0.5, 1.5, 2.0, 2.0])
    monkeypatch.setattr(served.time, "process_time", lambda: next(ticks))
    out = io.StringIO()
    serve_turns(str(script), {"n": 3}, ["1.0\n"], out)
    described, turn = map(json.loads, out.getvalue().splitlines())
    assert described == {"n": 3, "calls": [1] * WARM_UP_STEPS}
    assert turn == {"steps": 2, "cpu_s": 1.5}
