#!/usr/bin/env bash
# The property tests of what reads hostile bytes, with new random cases for a given time each: uploads of every format, the
# log of a table, the lines of a text file, filters, what a worker says, the figure it sends, and the launcher's orders. A
# case that fails is printed with what it takes to see it again.
#
#   make fuzz                    ten minutes each
#   FUZZ_SECONDS=60 make fuzz
. "$(dirname -- "$0")/lib.sh"
cd "$root"

seconds=${FUZZ_SECONDS:-600}
case $seconds in '' | *[!0-9]*) fail "FUZZ_SECONDS is a number of seconds, not $seconds" ;; esac
"$root/scripts/setup.sh"
use_python
step "Compiling the tests (some minutes the first time)"
cargo test --locked --package sandbox --lib --test launcher --no-run
cargo test --locked --workspace --exclude sandbox --lib --test tables --no-run

fuzz() { # NAME CASES-A-ROUND CARGO-ARGUMENTS..
    local name=$1 cases=$2 end=$((SECONDS + seconds)) rounds=0
    shift 2
    step "$name, for $seconds s"
    while [ "$SECONDS" -lt "$end" ]; do
        PROPTEST_CASES=$cases cargo test --quiet --locked "$@" >"$log" 2>&1 || {
            cat "$log"
            fail "$name: a case failed"
        }
        # A filter that fits no test would pass for ever.
        grep -q '^test result: ok\. [1-9]' "$log" || fail "$name: no test ran"
        rounds=$((rounds + 1))
    done
    say "$((rounds * cases)) cases of each property, none failed"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
tables=(--workspace --exclude sandbox --test tables)
fuzz "Files of every kind" 500 "${tables[@]}" hostile::a_file
fuzz "The log of a table" 200 "${tables[@]}" hostile::a_log
fuzz "Lines of a text file" 20000 --workspace --exclude sandbox --lib ingest::records
fuzz "The filter language" 5000 --workspace --exclude sandbox --lib expression::tests::properties
fuzz "What a worker says" 2000 --package sandbox --lib conversation::tests
fuzz "The figure it sends" 2000 --package sandbox --lib figure::properties
fuzz "The launcher's orders" 500 --package sandbox --test launcher
