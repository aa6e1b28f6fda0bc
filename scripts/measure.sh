#!/usr/bin/env bash
# The numbers of README.md and docs/SPECIFICATION.md: what a run of code costs beside plain Python, what a decision costs
# among 10,000 people and projects, what it costs to know who asks, start to ready, resident memory when idle, the
# penguins dashboard complete, code over HTTP.
# Prints Markdown tables with the machine they were measured on. Cold build time is measured by hand:
#
#   time CARGO_TARGET_DIR=$(mktemp -d) make build
. "$(dirname -- "$0")/lib.sh"
cd "$root"

"$root/scripts/build.sh" dist
use_python
step "Measuring Code Mode beside plain Python"
# The product's own profile: what is measured is what is shipped.
cargo bench --locked --package sandbox --profile dev --bench code_mode
step "Measuring decisions in a large installation"
# The whole workspace, so that shared libraries keep the features they were built with.
cargo bench --locked --workspace --exclude sandbox --profile dev --bench decisions
step "Measuring tokens, accounts and sign-ins"
cargo bench --locked --workspace --exclude sandbox --profile dev --bench tokens
cargo bench --locked --workspace --exclude sandbox --profile dev --bench account
step "Writing and reading objects and tables, sealed and plain"
cargo bench --locked --workspace --exclude sandbox --profile dev --bench sealing
cargo bench --locked --workspace --exclude sandbox --profile dev --bench at_rest
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' INT TERM HUP
step "Measuring dist/depictio"
# Nothing of the caller's environment, and another folder: as an operator would start it.
cd "$place"
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 node "$root/scripts/measure.mjs" "$root/dist/depictio" "$place/data"
