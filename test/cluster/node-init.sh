#!/bin/sh
# PID 1 of one node, under `unshare --net --mount --pid --uts --fork`.
# usage: node-init.sh FOLDER NODE [VIEW...]      FOLDER is the cluster's; VIEW mounts and goes to the background
set -eu
folder=$1
node=$2
shift 2

# /proc is still the machine's, so this is the pid by which the machine knows us.
read -r pid _ </proc/self/stat
echo "$pid" >"$folder/nodes/$node/pid.new"
mv "$folder/nodes/$node/pid.new" "$folder/nodes/$node/pid"

# A line says that eth0 has been put here; the end of the pipe, that nobody is left to do so.
read -r _
exec </dev/null

hostname "$node"
mount --all --fstab "$folder/nodes/fstab"
# On a disk, as on real nodes: what unpacks an image prefers it to the /tmp in memory.
mkdir -m 1777 -p "$folder/nodes/$node/var-tmp"
mount --no-mtab --bind "$folder/nodes/$node/var-tmp" /var/tmp
[ $# -eq 0 ] || "$@"
ip -batch "$folder/nodes/$node/network"
slurmd

# The shell's wait also reaps what jobs leave behind.
sleep infinity &
wait
