#!/usr/bin/env bash
# The browser story: a fresh installation with the demo, and Chromium walking through it as a newcomer would.
# Prints one line a step (`ok N  words  (1.2 s)` or `FAILED N  words`); screenshots stay in $STORY_SHOTS.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

program=${STORY_PROGRAM:-$CARGO_TARGET_DIR/debug/depictio}
[ -x "$program" ] || fail "$program is not there: run 'make build' first."
command -v chromium >/dev/null || fail "chromium is not there: run scripts/setup.sh test."
export STORY_SHOTS=${STORY_SHOTS:-$CARGO_TARGET_DIR/story}
mkdir -p "$STORY_SHOTS"

place=$(mktemp -d)
server=
stop() {
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    rm -rf "$place"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export STORY_URL=http://127.0.0.1:$port
export STORY_EMAIL=admin@story.example
STORY_PASSWORD=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
export STORY_PASSWORD

# Nothing of the caller's environment: what the story shows must not depend on whose machine it is.
env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 \
    DEPICTIO_BIND="127.0.0.1:$port" DEPICTIO_DATA_DIR="$place/data" \
    DEPICTIO_ADMIN_EMAIL="$STORY_EMAIL" DEPICTIO_ADMIN_PASSWORD="$STORY_PASSWORD" \
    "$program" serve --demo >"$STORY_SHOTS/server.log" 2>&1 </dev/null &
server=$!

started=$(date +%s%N)
until node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$STORY_URL/readyz"; do
    kill -0 "$server" 2>/dev/null || { tail -n 40 "$STORY_SHOTS/server.log"; fail "the program ended before it was ready."; }
    [ $(($(date +%s%N) - started)) -lt 120000000000 ] || { tail -n 40 "$STORY_SHOTS/server.log"; fail "not ready after 120 s."; }
    sleep 0.2
done
say "ready after $((($(date +%s%N) - started) / 1000000)) ms"

export STORY_DATA_DIR=$place/data STORY_PROGRAM=$program
ok=0
npm --prefix web run --silent story || ok=1
[ "$ok" -eq 0 ] || { say "the end of the program's log:"; tail -n 40 "$STORY_SHOTS/server.log"; }
exit "$ok"
