#!/usr/bin/env bash
# From a clone to a running demo. Data lies in ./data, or where DEPICTIO_DATA_DIR says, and stays between runs.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

"$root/scripts/build.sh"
step "Starting depictio serve --demo"
# In the place of this script, so that Ctrl-C and signals reach the program itself.
exec "$CARGO_TARGET_DIR/debug/depictio" serve --demo
