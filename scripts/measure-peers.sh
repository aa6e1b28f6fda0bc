#!/usr/bin/env bash
# Requests of a signed-in person, beside the same work done by FastAPI, PyJWT and SQLite in the same run.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

list=$root/benches/peers/requirements.txt
place=$cache/peers-$(sha256sum "$list" | cut -c1-12)
if [ ! -e "$place/.complete" ]; then
    step "Fetching the peers' libraries (about 20 MB)"
    rm -rf "$place"
    python3 -I -m venv "$place"
    "$place/bin/python3" -I -m pip --quiet --disable-pip-version-check install \
        --require-hashes --only-binary :all: --no-deps --requirement "$list"
    : >"$place/.complete"
fi
use_python
step "Measuring accounts and sign-ins"
cargo bench --locked --workspace --exclude sandbox --profile dev --bench account -- "$place/bin/python3"
