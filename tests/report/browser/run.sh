#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the browser tests: run.sh STRATA SCENARIOS [TEST...]. Exit status 77: something they need is
# missing and STRATA_REQUIRE_TOOLS is not 1.
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
export STRATA=$1 STRATA_SCENARIOS=$2
shift 2

missing() {
  echo "SKIPPED: $1"
  [ "${STRATA_REQUIRE_TOOLS:-0}" = 1 ] && exit 1
  exit 77
}
command -v node >/dev/null || missing "there is no node"
command -v chromium >/dev/null || missing "there is no chromium"
CHROMIUM=$(command -v chromium)
export CHROMIUM
if [ ! -d "$here/node_modules/playwright-core" ]; then
  command -v npm >/dev/null || missing "there is no npm to install playwright-core with"
  (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund >/dev/null 2>&1) ||
    missing "npm ci in tests/report/browser failed (is there a network?)"
fi
[ $# -gt 0 ] || set -- "$here"/*.test.mjs
exec node --test --test-concurrency=2 "$@"
