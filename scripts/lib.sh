# Words and settings that every script here shares. Sourced, never run.
#
# All builds use one target directory outside the clone, one profile and the same environment: a second of any of
# them would compile the query engine twice.

set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
if [ -z "${HOME:-}" ]; then
    HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
    export HOME
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/depictio
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# Debian's rustup puts cargo here; a login shell knows it, `sudo` and CI may not.
PATH=$PATH:$HOME/.cargo/bin
export PATH

say() { printf '%s\n' "$*"; }
fail() {
    printf 'depictio: %s\n' "$*" >&2
    exit 1
}
# A heading with the time since the first script began, so that a long run shows where it is.
export STARTED_AT=${STARTED_AT:-$(date +%s)}
step() {
    local seconds=$(($(date +%s) - STARTED_AT))
    printf '\n[%3d:%02d] %s\n' $((seconds / 60)) $((seconds % 60)) "$*"
}

# What the last whole build took is written down beside its output, with the digest of what it built from.
lock_digest() { sha256sum "$root/Cargo.lock" "$root/Cargo.toml" | sha256sum | cut -c1-16; }
build_stamp=$CARGO_TARGET_DIR/.depictio-built

# Says before the wait how long it will be. The figures are from a machine of two cores.
estimate() {
    local known=
    [ -f "$build_stamp" ] && known=$(cat "$build_stamp")
    if [ "$known" = "$(lock_digest)" ]; then
        say "Built before: only what changed is compiled (seconds; two to three minutes after a change deep down)."
    elif [ -n "$known" ]; then
        say "The list of libraries changed since the last build: expect 2 to 20 minutes on two cores."
    else
        say "First build: about 700 libraries are compiled, once. Expect 15 to 25 minutes on two cores ($(nproc) here)."
    fi
}
built() {
    mkdir -p "$CARGO_TARGET_DIR"
    lock_digest >"$build_stamp"
}

# The interpreter of Code Mode. Its path is compiled into the program, so it is set for every build alike.
use_python() {
    DEPICTIO_PYTHON_BUILTIN=$("$root/scripts/python-env.sh")
    export DEPICTIO_PYTHON_BUILTIN
}

# The libraries of the other side of a comparison, in an environment of their own; sets peers_python.
peers() { # LIST
    local list=$root/benches/peers/$1.txt place
    place=$cache/peers-$1-$(sha256sum "$list" | cut -c1-12)
    if [ ! -e "$place/.complete" ]; then
        step "Fetching the libraries of the other side ($1)"
        rm -rf "$place"
        python3 -I -m venv "$place"
        "$place/bin/python3" -I -m pip --quiet --disable-pip-version-check install \
            --require-hashes --only-binary :all: --no-deps --requirement "$list"
        : >"$place/.complete"
    fi
    peers_python=$place/bin/python3
}
