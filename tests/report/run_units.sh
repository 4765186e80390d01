#!/bin/sh
# SPDX-License-Identifier: MIT
# Bundles the unit tests of the report's pure modules and runs them under node: run_units.sh FOLDER
# (for the bundles; made anew).
set -eu
here=$(dirname "$0")
rm -rf "$1"
NODE_PATH=/usr/share/nodejs esbuild "$here"/unit/*.test.ts --bundle --platform=node --format=cjs \
  --outdir="$1" --log-level=warning
exec node --test "$1"
