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

# Nothing of the caller's environment: what the story shows must not depend on whose machine it is. One person's queue
# for code is short, so that the story can fill it.
serve() { # NAME=VALUE..
    local started
    env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 \
        DEPICTIO_BIND="127.0.0.1:$port" DEPICTIO_DATA_DIR="$place/data" \
        DEPICTIO_ADMIN_EMAIL="$STORY_EMAIL" DEPICTIO_ADMIN_PASSWORD="$STORY_PASSWORD" \
        DEPICTIO_CODE_PERSON_WAITING_RUNS_MAX=4 DEPICTIO_REGISTRATION=invite "$@" \
        "$program" serve --demo >"$STORY_SHOTS/server.out" 2>"$STORY_SHOTS/server.log" </dev/null &
    server=$!
    started=$(date +%s%N)
    until node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$STORY_URL/readyz"; do
        kill -0 "$server" 2>/dev/null || { tail -n 40 "$STORY_SHOTS/server.log"; say "the program ended before it was ready."; return 1; }
        [ $(($(date +%s%N) - started)) -lt 120000000000 ] || { tail -n 40 "$STORY_SHOTS/server.log"; say "not ready after 120 s."; return 1; }
        sleep 0.2
    done
    say "ready after $((($(date +%s%N) - started) / 1000000)) ms"
}
serve || fail "the program did not start."

ok=0
out=$place/story
npm --prefix web run --silent story | tee "$out" || ok=1

# What the operator sees of the same day, from the command line and beside the running server.
number=$(grep -c '^ok [0-9]' "$out" || true)
operator() { # WORDS CHECK
    local words=$1
    shift
    number=$((number + 1))
    if "$@"; then
        say "ok $number  $words"
    else
        say "FAILED $number  $words"
        ok=1
    fi
}
depictio() {
    env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 DEPICTIO_DATA_DIR="$place/data" "$program" "$@" </dev/null
}
audit_tells() {
    local type
    depictio audit list --limit 1000 >"$place/audit"
    for type in auth.login project.view dashboard.view data.query dashboard.edit code.write code.run users.manage; do
        grep -q " $type " "$place/audit" || { say "the audit log has no $type"; return 1; }
    done
    grep -q ' denied ' "$place/audit" || { say "the audit log has no refusal"; return 1; }
}
audit_is_whole() { depictio audit verify >/dev/null; }
doctor_finds_nothing() {
    depictio doctor >"$place/doctor" || { cat "$place/doctor"; return 1; }
    [ "$(grep -c '^S[0-9]' "$place/doctor")" -ge 20 ]
}
log_is_json() {
    node -e '
        const lines = require("node:fs").readFileSync(process.argv[1], "utf8").trim().split("\n").filter(Boolean);
        for (const line of lines) JSON.parse(line);' "$STORY_SHOTS/server.log"
}
# The data stays, the log may be switched off, and that is the one thing it still says.
log_switched_off_is_said() {
    kill "$server" && wait "$server"
    serve AUDIT_LOG_ENABLED=false LOG_FORMAT=text || return 1
    depictio audit list --type audit.off >"$place/off"
    grep -q ' audit.off ' "$place/off"
}
if [ "$ok" -eq 0 ]; then
    operator 'depictio audit list tells what has just happened' audit_tells
    operator 'depictio audit verify finds the log whole' audit_is_whole
    operator 'depictio doctor finds no claim that does not hold' doctor_finds_nothing
    operator 'the log is JSON, one object a line' log_is_json
    operator 'an audit log that is switched off says so' log_switched_off_is_said
fi
[ "$ok" -eq 0 ] || { say "the end of the program's log:"; tail -n 40 "$STORY_SHOTS/server.log"; }
exit "$ok"
