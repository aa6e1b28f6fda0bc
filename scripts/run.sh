#!/usr/bin/env bash
# From a clone to a running demo. Data lies in ./data, or where DEPICTIO_DATA_DIR says, and stays between runs.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

"$root/scripts/build.sh"
step "Starting depictio serve --demo"
# The box with the address and the password must stay in sight: only warnings follow it unless asked otherwise.
export LOG_LEVEL=${LOG_LEVEL:-WARN} LOG_FORMAT=${LOG_FORMAT:-text}
# In the place of this script, so that Ctrl-C and signals reach the program itself.
exec "$CARGO_TARGET_DIR/debug/depictio" serve --demo
