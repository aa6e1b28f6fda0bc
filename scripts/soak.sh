#!/usr/bin/env bash
# 10,000 runs of code by 16 people, a tenth of them hostile, while the other routes must answer as ever. About a
# quarter of an hour on two cores; SOAK_RUNS=1000 makes it shorter.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

"$root/scripts/build.sh" dist
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' INT TERM HUP
step "Running code from many people with dist/depictio"
cd "$place"
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 SOAK_RUNS="${SOAK_RUNS:-10000}" SOAK_PEOPLE="${SOAK_PEOPLE:-16}" \
    node "$root/scripts/soak.mjs" "$root/dist/depictio" "$place/data"
