#!/usr/bin/env bash
# What needs no running program: format, lints, layers, claims, licences, the page's types and lints.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

bad=()
run() { # NAME COMMAND..
    local name=$1
    shift
    step "$name"
    "$@" || bad+=("$name")
}

"$root/scripts/setup.sh"
use_python
"$root/scripts/web.sh"
run "Format" cargo fmt --all --check
run "Layers between crates" cargo xtask check-layers
run "Pages against the code" cargo xtask check-documents
run "Licences and banned libraries" cargo xtask check-licences
run "Claims of docs/security.md" cargo xtask check-claims
run "The page's types and lints" npm --prefix web run --silent check
run "Clippy (the first time it reads every library: 10 minutes on two cores)" \
    cargo clippy --locked --workspace --all-targets -- -D warnings

if [ ${#bad[@]} -gt 0 ]; then
    printf '\nfailed: %s\n' "${bad[@]}"
    exit 1
fi
step "All checks passed"
