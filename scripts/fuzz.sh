#!/usr/bin/env bash
# The property tests of what reads hostile bytes, with new random cases for a given time each: uploads of every format, the
# log of a table, the lines of a text file, filters, what a worker says, the figure it sends, and the launcher's orders. A
# case that fails is printed with what it takes to see it again.
#
#   make fuzz                    ten minutes each
#   FUZZ_SECONDS=60 make fuzz
#   FUZZ_ONLY='log|lines' make fuzz     only what has this in its name
. "$(dirname -- "$0")/lib.sh"
cd "$root"

seconds=${FUZZ_SECONDS:-600}
case $seconds in '' | *[!0-9]*) fail "FUZZ_SECONDS is a number of seconds, not $seconds" ;; esac
"$root/scripts/setup.sh"
use_python
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
step "Compiling the tests (some minutes the first time)"
# Copies, so that what is built meanwhile changes nothing of what is run.
compile() { # KIND CARGO-ARGUMENTS..
    local kind=$1 file name
    shift
    cargo test --locked --no-run "$@" 2> >(tee "$place/said" >&2)
    sed -n 's/^ *Executable .*(\(.*\))$/\1/p' "$place/said" | while read -r file; do
        name=${file##*/}
        cp "$file" "$place/$kind-${name%-*}"
    done
}
compile lib --package sandbox --lib
compile test --package sandbox --test launcher
compile lib --workspace --exclude sandbox --lib
compile test --workspace --exclude sandbox --test tables

fuzz() { # NAME CASES-A-ROUND TESTS CRATE FILTER
    local name=$1 cases=$2 tests=$3 crate=$4 filter=$5 end=$((SECONDS + seconds)) rounds=0
    [[ $name =~ ${FUZZ_ONLY:-.} ]] || return 0
    step "$name, for $seconds s"
    while [ "$SECONDS" -lt "$end" ]; do
        (cd "crates/$crate" && PROPTEST_CASES=$cases "$place/$tests" "$filter") >"$place/log" 2>&1 || {
            cat "$place/log"
            fail "$name: a case failed"
        }
        # A filter that fits no test would pass for ever.
        grep -q '^test result: ok\. [1-9]' "$place/log" || fail "$name: no test ran"
        rounds=$((rounds + 1))
    done
    say "$((rounds * cases)) cases of each property, none failed"
}

fuzz "Files of every kind" 500 test-tables tables hostile::a_file
fuzz "The log of a table" 200 test-tables tables hostile::a_log
fuzz "Lines of a text file" 20000 lib-tables tables ingest::records
fuzz "The filter language" 5000 lib-domain domain expression::tests::properties
fuzz "What a worker says" 2000 lib-sandbox sandbox conversation::tests
fuzz "The figure it sends" 2000 lib-sandbox sandbox figure::properties
fuzz "The launcher's orders" 500 test-launcher sandbox ""
