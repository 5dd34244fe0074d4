#!/bin/bash
# What a node can run servers with, a `KEY VALUE` a line; no line for what it lacks. Given sandboxctl's own
# program and the Node that runs it, as the embedded runtime would look for them. Read from stdin by one srun.
PROGRAM=$1 NODEJS=$2

echo "node ${SLURMD_NODENAME:-$(hostname -s)}"
srun --help 2>/dev/null | grep -qe --container-image && echo "pyxis yes"
# enroot makes folders before it says anything.
scratch=$(mktemp -d) && trap 'rm -rf "$scratch"' EXIT
export ENROOT_RUNTIME_PATH=$scratch/run ENROOT_CACHE_PATH=$scratch/cache ENROOT_DATA_PATH=$scratch/data
command -v enroot >/dev/null && echo "enroot $(timeout 10 enroot version 2>/dev/null)"
# A switch that is off is off for everybody; else a tool may be allowed what another is not.
if [[ $(cat /proc/sys/user/max_user_namespaces /proc/sys/kernel/unprivileged_userns_clone 2>/dev/null) =~ (^|$'\n')0($|$'\n') ]]; then
  echo "namespaces off"
elif unshare --user --map-root-user --mount true 2>/dev/null || bwrap --ro-bind / / true 2>/dev/null; then
  echo "namespaces on"
fi
for node in "$NODEJS" "$(command -v node)"; do
  [[ -x $node ]] && "$node" -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    if (major < 20 || (major === 20 && minor < 19)) process.exit(1);
    console.log("nodejs " + process.version);' 2>/dev/null && break
done
[[ -r $PROGRAM ]] && echo "program yes"
command -v python3 >/dev/null && echo "python yes"
exit 0
