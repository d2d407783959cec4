"""The files of a run that are written when its last episode has ended, or when it is interrupted."""

from __future__ import annotations

from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.trajectories import merge_trajectories
from sim.report.html import write_report
from sim.results.codec import to_json
from sim.results.folder import RunFolder
from sim.results.run_files import REPORT, SUMMARY, TABLE, write_json, write_parquet
from sim.results.summary.summary import Summary


def write_outputs(run: EvaluationRun) -> Summary:
    """Summarise the finished episodes; if the run has a folder, write all files that aren't there yet."""
    rows, summary, folder = run.rows.rows_in_order(run.plan), run.summarise(), run.rows
    if isinstance(folder, RunFolder):
        with folder:
            write_parquet(folder.path / TABLE, rows)
            merge_trajectories(folder.path, run.plan, folder)
            write_json(folder.path / SUMMARY, to_json(summary))
            run.delete_offline_log()
            write_report(folder.path / REPORT, folder.manifest, summary, rows)
    return summary
