"""What is missing in a merged run, part by part, and the command that finishes each."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from sim.evaluate.shards.shard import CLAIM, Shard, parse_shard, replace_option
from sim.results.manifest import Manifest
from sim.results.plan import RunPlan
from sim.results.row import RowKey

SHOWN = 5  # parts


def list_remedies(plan: RunPlan, rows: Collection[RowKey], manifests: Sequence[Manifest], out: Path) -> list[str]:
    """List what is missing part by part, and the commands that finish a merged run that isn't complete."""
    parts = list(_describe_parts(plan, rows, manifests))
    more = [f"and {len(parts) - SHOWN} more shards"] if len(parts) > SHOWN else []
    whole = shlex.join([*merged_command(manifests[0], out), "--resume"])
    return [*parts[:SHOWN], *more, f"{'or ' if parts else ''}finish all of it on one machine: {whole}"]


def merged_command(manifest: Manifest, out: Path) -> list[str]:
    """Return the command that would have made the merged folder on one machine."""
    words = replace_option(replace_option(manifest.command, "--shard", None), "--out", str(out))
    return words if "--out" in words else [*words, "--out", str(out)]


def _describe_parts(plan: RunPlan, rows: Collection[RowKey], manifests: Sequence[Manifest]) -> Iterator[str]:
    """Describe each fixed shard that isn't complete, and how to go on claiming."""
    known = {manifest.shard: manifest for manifest in manifests if manifest.shard not in (None, CLAIM)}
    counts = {parse_shard(shard).count: manifest for shard, manifest in known.items() if shard}
    for count, manifest in counts.items():
        for number in range(1, count + 1):
            shard = Shard(number, count)
            keys = [key for block in shard.select(plan.blocks) for key in block.keys]
            if missing := sum(key not in rows for key in keys):
                command = replace_option(known.get(str(shard), manifest).command, "--shard", str(shard))
                yield f"shard {shard}: {missing} of {len(keys)} episodes missing; finish with: {shlex.join(command)}"
    claimed = [manifest for manifest in manifests if manifest.shard == CLAIM]
    if claimed:
        yield f"start workers again to claim what is missing: {shlex.join(claimed[0].command)}"
