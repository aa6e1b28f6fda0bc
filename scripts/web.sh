#!/usr/bin/env bash
# Builds the page into web/dist, only when something it is made of has changed.
#
#   scripts/web.sh            dependencies and page
#   scripts/web.sh deps       dependencies only
. "$(dirname -- "$0")/lib.sh"
cd "$root/web"

# The digest also names Node's major version: its modules are not promised to fit another.
deps=$({ node --version | cut -d. -f1; cat package.json package-lock.json; } | sha256sum | cut -d' ' -f1)
if [ "$(cat node_modules/.depictio-deps 2>/dev/null)" != "$deps" ]; then
    step "Fetching the page's libraries (npm ci, about 450, one minute)"
    npm ci --no-audit --no-fund --loglevel=error
    printf '%s\n' "$deps" >node_modules/.depictio-deps
fi
[ "${1:-}" = deps ] && exit 0

page=$(find src public index.html vite.config.ts tsconfig.json package.json package-lock.json -type f -print0 |
    sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
if [ ! -f dist/index.html ] || [ "$(cat node_modules/.depictio-page 2>/dev/null)" != "$page" ]; then
    step "Building the page"
    npm run --silent build -- --logLevel warn
    printf '%s\n' "$page" >node_modules/.depictio-page
fi
