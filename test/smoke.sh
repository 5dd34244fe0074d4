#!/usr/bin/env bash
# The built tool's smoke test on other Nodes, brought by npm into a scratch folder: test/smoke.sh 22 24
set -euo pipefail
cd "$(dirname "$0")/.."

umask 022
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The cluster's ordinary users run what lies here.
chmod 755 "$scratch"

package=node-linux-$(node -p process.arch)
for major in "$@"; do
  npm install --prefix "$scratch/$major" --no-save --ignore-scripts --silent "$package@$major"
  "$scratch/$major/node_modules/$package/bin/node" --import tsx test/smoke.ts
done
