#!/usr/bin/env bash
# Installs what Debian has and the build needs, says why, and skips what is there.
#
#   scripts/setup.sh          to build and run
#   scripts/setup.sh test     also the browser of the browser story
. "$(dirname -- "$0")/lib.sh"

packages=()
want() { # PACKAGE WHY
    packages+=("$1")
    say "Missing: $1 ($2)"
}

# What a newcomer brings. Installing a toolchain behind somebody's back is not ours to do.
command -v cargo >/dev/null || fail "Rust 1.95 or newer is needed: install it from https://rustup.rs, then run this again."
rust=$(rustc --version | cut -d' ' -f2)
case $(printf '%s\n' 1.95.0 "$rust" | sort -V | head -n1) in
    1.95.0) ;;
    *) fail "Rust 1.95 or newer is needed, this is $rust: run 'rustup update stable'." ;;
esac
command -v node >/dev/null && command -v npm >/dev/null || fail "Node 20.19 or newer with npm is needed to build the page."
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node 20.19 or newer is needed to build the page, this is $(node --version)."

{ command -v cc && command -v c++ && command -v make; } >/dev/null || want build-essential "C compiler for SQLCipher, zstd and aws-lc"
# Debian's perl-base lacks these modules, which OpenSSL's Configure imports.
perl -MIPC::Cmd -MFindBin -MTime::Piece -e1 2>/dev/null || want perl "configures the OpenSSL inside SQLCipher"

python=
for candidate in ${PYTHON:-} python3 /usr/bin/python3 python3.11 python3.12 python3.13; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -I -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || want python3-venv "the interpreter of Code Mode is a virtual environment of its own"

if [ "${1:-}" = test ]; then
    command -v chromium >/dev/null || want chromium "the browser of the browser story"
fi

if [ ${#packages[@]} -eq 0 ]; then
    exit 0
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "as root: apt-get install --no-install-recommends ${packages[*]}"
    as_root=(sudo)
fi
command -v apt-get >/dev/null || fail "this is no Debian: install by its own means what is named above, then run this again."
say "Installing: ${packages[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
