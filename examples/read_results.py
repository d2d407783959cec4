"""A run's results: typed in Python, as a pandas table, and by SQL in DuckDB.

Run: python examples/read_results.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sim.results import read_run

OUT = Path("runs/example")
COMMAND = ["-m", "sim.evaluate", "--policy", "straight,zero", "--scenario", "corridor", "--episodes", "4"]


def main() -> None:
    """Make a small run, and read it in three ways."""
    subprocess.run([sys.executable, *COMMAND, "--no-offline", "--video", "none", "--out", str(OUT)], check=True)

    run = read_run(OUT)
    for cell in run.summary.cells:
        print(
            f"{cell.policy}: {cell.success.k} of {cell.success.n} ({cell.success.low:.0%} to {cell.success.high:.0%})"
        )
    slowest = max(run.rows, key=lambda row: row.steps)
    print(f"longest: {slowest.policy}, episode {slowest.episode}, {slowest.metrics['time_s']} s, {slowest.status}")

    import pandas as pd

    rows = pd.read_parquet(OUT / "episodes.parquet")
    print(rows.groupby("policy")[["success", "progress", "time_s"]].mean())

    import duckdb

    duckdb.read_parquet(str(OUT / "episodes.parquet")).create_view("episodes")
    print(duckdb.sql("SELECT policy, failure, count(*) AS n FROM episodes GROUP BY ALL ORDER BY ALL"))


if __name__ == "__main__":
    main()
