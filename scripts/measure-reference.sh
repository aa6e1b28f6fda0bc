#!/usr/bin/env bash
# The reference project of 12 million rows through HTTP, and the same questions to DuckDB and Polars in the same run.
# SCALE=0.01 asks of a hundredth of it.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

"$root/scripts/build.sh" dist
peers engines
scale=${SCALE:-1}
data=$cache/reference-$scale
if [ ! -e "$data/SHA256SUMS" ]; then
    step "Making the reference project (1.1 GB, a few seconds)"
    cargo xtask reference "$data" --scale "$scale"
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' INT TERM HUP
# The build's own writes are on the disk and the file is in memory, for whoever reads it first.
sync
cat "$data/features.csv" >/dev/null
step "Asking dist/depictio, DuckDB and Polars in turn"
node "$root/scripts/reference.mjs" "$root/dist/depictio" "$place" "$data" "$peers_python"
