#!/usr/bin/env bash
# Every test there is, in one run. Each stage goes on when one before it failed, and the last line counts them all.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

log=$CARGO_TARGET_DIR/depictio-test.log
# The names of tests are read back from the log.
export NO_COLOR=1
mkdir -p "$CARGO_TARGET_DIR"
: >"$log"
passed=0
failed=0

# One command that counts as one test.
one() { # NAME COMMAND..
    local name=$1
    shift
    step "$name"
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        say "FAILED: $name"
    fi
}
# A runner that says itself how many; one that fails without counting a failure counts as one.
many() { # NAME COUNTER COMMAND..
    local name=$1 counter=$2 out ok=0 counts p f
    shift 2
    step "$name"
    out=$(mktemp)
    "$@" 2>&1 | tee -a "$log" "$out" || ok=1
    counts=$("$counter" <"$out")
    rm -f "$out"
    read -r p f <<<"$counts"
    [ "$ok" -eq 0 ] || [ "$f" -gt 0 ] || f=1
    [ "$ok" -ne 0 ] || [ "$((p + f))" -gt 0 ] || { say "FAILED: $name ran no test"; f=1; }
    passed=$((passed + p))
    failed=$((failed + f))
    say "$name: $p passed, $f failed"
}
count_cargo() { awk '/^test result: / { p += $4; f += $6 } END { print p + 0, f + 0 }'; }
count_vitest() { sed 's/\x1b\[[0-9;]*m//g' | awk '$1 == "Tests" { for (i = 2; i < NF; i++) { if ($(i + 1) == "passed") p += $i; if ($(i + 1) == "failed") f += $i } } END { print p + 0, f + 0 }'; }
count_story() { awk '/^ok [0-9]/ { p++ } /^FAILED [0-9]/ { f++ } END { print p + 0, f + 0 }'; }

estimate
"$root/scripts/setup.sh" test
use_python
"$root/scripts/web.sh"

# With the features of the product, so that what is tested, built and run is the same code, compiled once. The
# sandbox's own tests ask for a feature that leaves out one of its walls; it must not leak into the program.
many "Rust tests" count_cargo cargo test --locked --workspace --exclude sandbox --no-fail-fast
many "Sandbox tests" count_cargo cargo test --locked --package sandbox --no-fail-fast
built
many "Page tests" count_vitest npm --prefix web test -- --reporter=verbose
step "Compiling depictio"
if cargo build --locked --workspace --exclude sandbox --bin depictio; then
    many "Browser story" count_story "$root/scripts/story.sh"
else
    failed=$((failed + 1))
fi
one "Layers between crates" cargo xtask check-layers
one "Pages against the code" cargo xtask check-documents
one "Completion data against the libraries" "$DEPICTIO_PYTHON_BUILTIN" scripts/names.py --check
one "Licences and banned libraries" cargo xtask check-licences
one "Claims of docs/security.md" cargo xtask check-claims --ran "$log"

step "Done; the whole output is in $log"
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
