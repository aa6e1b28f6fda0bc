#!/usr/bin/env bash
# Both corpora of scripts, attacks and ordinary ones, behind the guard alone, the kernel alone and both walls: the
# table. As root it is shown a second time by a user without any right, as in a restricted pod: no capability, none to
# be had, and nothing of root's to read.
. "$(dirname -- "$0")/lib.sh"
cd "$root"

"$root/scripts/setup.sh"
use_python
step "Compiling the sandbox and its trial program (two to three minutes the first time)"
# The test program is the one that carries both names; cargo says where it left it.
runner=$(cargo test --locked --package sandbox --test corpus --no-run --message-format json |
    sed -n 's/.*"name":"corpus".*"executable":"\([^"]*\)".*/\1/p' | tail -1)
[ -x "$runner" ] || fail "cargo did not say where the corpus runner is"
bad=0

step "As $(id -un)"
cargo test --locked --package sandbox --test corpus -- --include-ignored || bad=1

if [ "$(id -u)" -eq 0 ]; then
    step "As nobody: no capability, no new privileges"
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
    # By way of env: setpriv itself still has root's rights while it starts its program.
    nobody() {
        setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set -all --inh-caps -all \
            env -i PATH="$PATH" "$@"
    }
    chmod 755 "$place"
    # The environment with its libraries is in a home folder that others may not enter, and so may be its interpreter:
    # then the system's own of the same version takes that one's place.
    cp -a "$(dirname -- "$(dirname -- "$DEPICTIO_PYTHON_BUILTIN")")" "$place/python"
    version=$("$DEPICTIO_PYTHON_BUILTIN" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    base=
    for candidate in "$(readlink -f "$DEPICTIO_PYTHON_BUILTIN")" "/usr/bin/python$version" "/usr/local/bin/python$version"; do
        if nobody "$candidate" -I -c '' 2>/dev/null; then
            base=$candidate
            break
        fi
    done
    [ -n "$base" ] || fail "no Python $version here that every user may run; on Debian: apt-get install python3"
    ln -sfn "$base" "$place/python/bin/python3"
    sed -i "s|^home = .*|home = $(dirname -- "$base")|" "$place/python/pyvenv.cfg"
    cp "$runner" "$place/corpus-runner"
    cp "$CARGO_TARGET_DIR/debug/sandbox-run" "$place/"
    mkdir "$place/tmp"
    cp -r crates/sandbox/corpus "$place/corpus"
    chown 65534:65534 "$place/tmp"
    (cd "$place" && nobody HOME="$place/tmp" TMPDIR="$place/tmp" DEPICTIO_PYTHON="$place/python/bin/python3" \
        CARGO_MANIFEST_DIR="$place" CARGO_BIN_EXE_sandbox-run="$place/sandbox-run" ./corpus-runner --include-ignored) || bad=1
fi
[ "$bad" -eq 0 ]
