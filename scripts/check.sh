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

# The feature by which the sandbox's trial program leaves out a wall must not be in the product's own build.
both_walls() {
    local tree
    tree=$(cargo tree --locked --workspace --exclude sandbox --edges normal,build,dev,features --invert sandbox) || return 1
    case $tree in
        *'feature "one-wall"'*) say 'the product asks for the sandbox with the feature "one-wall"' && return 1 ;;
        *'depictio v'*) ;;
        *) say "the product's tree was not read" && return 1 ;;
    esac
}

"$root/scripts/setup.sh"
use_python
"$root/scripts/web.sh"
run "Format" cargo fmt --all --check
run "Layers between crates" cargo xtask check-layers
run "Both walls in the product" both_walls
run "Pages against the code" cargo xtask check-documents
run "Licences and banned libraries" cargo xtask check-licences
run "Claims of docs/security.md" cargo xtask check-claims
run "Completion data against the libraries" "$DEPICTIO_PYTHON_BUILTIN" scripts/names.py --check
run "The page's types and lints" npm --prefix web run --silent check
run "Clippy (the first time it reads every library: 10 minutes on two cores)" \
    cargo clippy --locked --workspace --all-targets -- -D warnings

if [ ${#bad[@]} -gt 0 ]; then
    printf '\nfailed: %s\n' "${bad[@]}"
    exit 1
fi
step "All checks passed"
