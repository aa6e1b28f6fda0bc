#!/bin/sh
# Makes the interpreter of Code Mode: a virtual environment with the libraries of sandbox/requirements.txt and
# nothing else. The place carries the digest of that file, so a changed list makes a new environment, and an old
# program keeps the one it was built for. Building happens beside the place, which appears by one rename: whoever
# finds the stamp inside finds a whole environment. The last line printed is the interpreter's path.
#
#   scripts/python-env.sh [PLACE]        PYTHON=/path/to/python3 chooses the base interpreter
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
list=$here/sandbox/requirements.txt
say() { printf '%s\n' "$*" >&2; }

if [ -z "${HOME:-}" ]; then
    HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
    export HOME
fi
digest=$(sha256sum "$list" | cut -c1-12)
place=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/depictio/python-$digest}
stamp=$place/.complete-$digest

if [ -e "$stamp" ] && [ -x "$place/bin/python3" ] && "$place/bin/python3" -I -c '' 2>/dev/null; then
    printf '%s\n' "$place/bin/python3"
    exit 0
fi

# The first interpreter that fits: the libraries have wheels for these versions, the worker confines itself by ctypes.
fits() {
    "$1" -I -c 'import sys, ctypes; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}
base=
seen=
for candidate in ${PYTHON:-} python3 /usr/bin/python3 python3.11 python3.12 python3.13; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    fits "$path" || continue
    seen=$path
    "$path" -I -c 'import venv, ensurepip' >/dev/null 2>&1 || continue
    base=$path
    break
done
if [ -z "$base" ] && [ -n "$seen" ]; then
    say "$seen has no venv module. On Debian and Ubuntu: apt-get install python3-venv"
    exit 1
fi
if [ -z "$base" ]; then
    say "No Python 3.11 to 3.13 found. On Debian and Ubuntu: apt-get install python3 python3-venv"
    say "Or name one: PYTHON=/path/to/python3 $0"
    exit 1
fi

mkdir -p "$(dirname -- "$place")"
work=$place.new.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
say "Making Code Mode's Python environment from $base (about 200 MB to fetch, one to three minutes)"
"$base" -I -m venv "$work"
"$work/bin/python3" -I -m pip --quiet --disable-pip-version-check install \
    --require-hashes --only-binary :all: --no-deps --requirement "$list" >&2

# What no script needs: tests, headers, installers, the plotly.js of notebooks, Arrow's network part.
site=$("$work/bin/python3" -I -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
find "$site" -type d \( -name tests -o -name test -o -name include \) -prune -exec rm -rf {} +
rm -rf "$site"/pip "$site"/pip-*.dist-info "$site"/setuptools "$site"/setuptools-*.dist-info "$site"/_distutils_hack \
    "$site"/distutils-precedence.pth "$site"/plotly/package_data/plotly.min.js "$site"/plotly/labextension \
    "$site"/pyarrow/src "$work"/share "$work"/etc
rm -f "$site"/pyarrow/_flight* "$site"/pyarrow/libarrow_flight* "$site"/pyarrow/_gandiva* \
    "$work"/bin/pip* "$work"/bin/*.py

# It must work before it may be found.
"$work/bin/python3" -I -B -c 'import RestrictedPython, numpy, pandas, plotly.express, pyarrow, statsmodels.api'
: >"$work/.complete-$digest"
if [ -e "$place" ]; then
    mv "$place" "$work.old"
    mv "$work" "$place"
    rm -rf "$work.old"
else
    mv "$work" "$place"
fi
trap - EXIT
say "Ready: $place ($(du -sm "$place" | cut -f1) MB)"
printf '%s\n' "$place/bin/python3"
