#!/usr/bin/env bash
# The numbers of README.md: start to ready, resident memory when idle, the penguins dashboard complete.
# Prints a Markdown table with the machine it was measured on. Cold build time is measured by hand:
#
#   time CARGO_TARGET_DIR=$(mktemp -d) make build
. "$(dirname -- "$0")/lib.sh"
cd "$root"

"$root/scripts/build.sh" dist
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' INT TERM HUP
step "Measuring dist/depictio"
# Nothing of the caller's environment, and another folder: as an operator would start it.
cd "$place"
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 node "$root/scripts/measure.mjs" "$root/dist/depictio" "$place/data"
