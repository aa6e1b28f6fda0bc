#!/usr/bin/env bash
# 10,000 refreshes of 64 sessions while the program is killed again and again; 1,000 kills in the middle of uploads to four
# tables; a disk that becomes full, and descriptors that are used up, while tables are written; then 10,000 runs of code by
# 16 people, a tenth of them hostile, while the other routes must answer as ever. About 35 minutes on two cores;
# REFRESHES=1000, KILLS=100 and SOAK_RUNS=1000 make it shorter.
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
step "Killing dist/depictio in the middle of uploads"
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 KILLS="${KILLS:-1000}" ${KILLS_SEED:+KILLS_SEED="$KILLS_SEED"} \
    node "$root/scripts/kills.mjs" "$root/dist/depictio" "$place/kills"
step "Filling the disk under dist/depictio"
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 ${FULL_DISK_SEED:+FULL_DISK_SEED="$FULL_DISK_SEED"} \
    node "$root/scripts/full-disk.mjs" "$root/dist/depictio" "$place/full-disk"
step "Leaving dist/depictio without descriptors"
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 \
    node "$root/scripts/descriptors.mjs" "$root/dist/depictio" "$place/descriptors"
step "Running code from many people with dist/depictio"
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 SOAK_RUNS="${SOAK_RUNS:-10000}" SOAK_PEOPLE="${SOAK_PEOPLE:-16}" \
    node "$root/scripts/soak.mjs" "$root/dist/depictio" "$place/data"
