#!/usr/bin/env bash
# Requests of a signed-in person, beside the same work done by FastAPI, PyJWT and SQLite in the same run.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

peers account
use_python
step "Measuring tokens, accounts and sign-ins"
cargo bench --locked --workspace --exclude sandbox --profile dev --bench tokens
cargo bench --locked --workspace --exclude sandbox --profile dev --bench account -- "$peers_python"
