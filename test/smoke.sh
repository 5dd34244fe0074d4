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

# What npm would publish is all that runs need, and nothing else.
npm pack --silent --ignore-scripts --pack-destination "$scratch" >/dev/null
shipped=$(tar -tzf "$scratch"/sandboxctl-*.tgz | cut -d / -f 2 | sort -u | tr '\n' ' ')
expected='CHANGELOG.md LICENSE README.md SECURITY.md bin dist docs package.json templates '
[ "$shipped" = "$expected" ] || {
  echo "the package ships: $shipped" >&2
  echo "and should ship:   $expected" >&2
  exit 1
}
npm install --prefix "$scratch/packed" --no-save --ignore-scripts --silent "$scratch"/sandboxctl-*.tgz
packed=$scratch/packed/node_modules/.bin/sandboxctl
"$packed" --version >/dev/null
"$packed" deploy --help >/dev/null
"$packed" config show >/dev/null
echo 'smoke test of the package that npm would publish: passed'
