#!/usr/bin/env bash
# Start a worker on each machine, all in the same folder of a shared file system; wait for them; join their results.
# Usage: bash ssh.sh HOST...
#
# A machine that fails is reported and leaves its blocks to the others. To add a machine, run the command of START there.
set -euo pipefail
FOLDER=${FOLDER:-$PWD}        # of the program, at the same path on all machines
RUN=${RUN:-$FOLDER/runs/large} # on the shared file system
PYTHON=${PYTHON:-.venv/bin/python}
[ "$#" -gt 0 ] || { echo "usage: bash ssh.sh HOST..." >&2; exit 2; }

printf -v START 'cd %q && %q -m sim.evaluate %s --shard claim --out %q' "$FOLDER" "$PYTHON" \
  "--policy hybrid,expert --scenario all --episodes 1000 --seed 4000 --video none" "$RUN"
declare -A workers
for host in "$@"; do
  ssh -o BatchMode=yes "$host" "$START" >"worker-$host.log" 2>&1 &
  workers[$host]=$!
done
for host in "${!workers[@]}"; do
  wait "${workers[$host]}" || echo "$host ended with exit code $?: see worker-$host.log" >&2
done
cd "$FOLDER"
"$PYTHON" -m sim.merge "$RUN" --out "$RUN-merged-$(date +%Y%m%d-%H%M%S)"
