#!/usr/bin/env bash
# 10,000 refreshes of 64 sessions while the program is killed again and again; then 10,000 runs of code by 16 people, a
# tenth of them hostile, while the other routes must answer as ever. About twenty minutes on two cores; REFRESHES=1000
# and SOAK_RUNS=1000 make it shorter.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

"$root/scripts/build.sh" dist
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' INT TERM HUP
cd "$place"
step "Refreshing sessions of dist/depictio while it is killed"
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 REFRESHES="${REFRESHES:-10000}" \
    node "$root/scripts/refreshes.mjs" "$root/dist/depictio" "$place/refreshes"
step "Running code from many people with dist/depictio"
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 SOAK_RUNS="${SOAK_RUNS:-10000}" SOAK_PEOPLE="${SOAK_PEOPLE:-16}" \
    node "$root/scripts/soak.mjs" "$root/dist/depictio" "$place/data"
