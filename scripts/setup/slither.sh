#!/usr/bin/env bash
# Slither over contracts/, in a copy: it cleans and rebuilds `out`, which the other tools use.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d "$root/.cache/slither.XXXXXX")
trap 'rm -rf "$copy"' EXIT
cp -R "$root/contracts" "$root/foundry.toml" "$copy/"
mkdir -p "$copy/.cache"
ln -s "$root/node_modules" "$copy/node_modules"
ln -s "$root/.cache/solcx" "$copy/.cache/solcx"
cd "$copy"
export HOME="$root/.cache/home" PATH="$root/.venv-analysis/bin:$PATH"
slither . --filter-paths node_modules --exclude-informational --fail-low
