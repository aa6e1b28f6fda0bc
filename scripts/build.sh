#!/usr/bin/env bash
# Builds the program: tools, interpreter, page, then Rust. `run`, `build` and `test` all pass here.
#
#   scripts/build.sh          leaves $CARGO_TARGET_DIR/debug/depictio
#   scripts/build.sh dist     and copies it to dist/depictio
. "$(dirname -- "$0")/lib.sh"
cd "$root"

estimate
"$root/scripts/setup.sh"
use_python
"$root/scripts/web.sh"
step "Compiling depictio"
cargo build --locked --workspace --exclude sandbox --bin depictio
built
if [ "${1:-}" = dist ]; then
    mkdir -p dist
    # Beside the old one, then in its place: a running dist/depictio keeps its file.
    install -m 755 "$CARGO_TARGET_DIR/debug/depictio" dist/.depictio.new
    mv dist/.depictio.new dist/depictio
    step "dist/depictio is ready ($(du -m dist/depictio | cut -f1) MB)"
fi
