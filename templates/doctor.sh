# shellcheck shell=bash disable=SC2010,SC2317
# What `sandboxctl doctor` asks of a machine: bash reads it from stdin, here or in a job, after lines that set
#   FOLDERS (ROLE=PATH a line), PORTS, PROGRAM, NODEJS, SERVERS (NAME HOST PORT a line), CANARY (what is posted to
#   them), REGISTRY (a URL), CHECKOUT (a folder), IMAGE and MARK (files), each of which may be empty.
# Prints `KEY VALUE` lines. Each part runs beside the others, and one that hangs, as on a dead file system, keeps
# nothing from being printed: it is the one whose `end` is missing.
LC_ALL=C
exec 3<> <(:)
# A process group for each part, so that what hangs can be ended with all that it started.
set -m
parts=0
part() {
  parts=$((parts + 1))
  (
    exec >&3 2>/dev/null 3>&-
    "$@"
    echo "end $*"
  ) </dev/null &
  echo "begin $*"
}

first_line() { head -n 1 | cut -c 1-300; }

system() {
  echo "node ${SLURMD_NODENAME:-$(hostname -s)}"
  echo "clock $(date +%s.%N)"
  echo "kernel $(uname -r)"
  echo "architecture $(uname -m)"
  echo "uid $(id -u)"
  echo "cpus $(nproc)"
  echo "cpus_hardware $(grep -c '^processor' /proc/cpuinfo)"
  [[ -n $SLURM_CPUS_ON_NODE ]] && echo "cpus_slurm $SLURM_CPUS_ON_NODE"
  echo "open_files $(ulimit -n)"
}

tools() {
  for tool in bash python3 node enroot mksquashfs unsquashfs curl bwrap unshare srun sbatch squeue sudo cgcreate cgexec ip iptables; do
    path=$(command -v "$tool") && echo "tool $tool $path"
  done
}

python() { echo "python $(python3 -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')"; }

nodejs() {
  for each in "$NODEJS" "$(command -v node)"; do
    [[ -x $each ]] && echo "nodejs $("$each" --version)" && break
  done
  [[ -r $PROGRAM ]] && echo "program yes"
}

pyxis() { srun --help | grep -qe --container-image && echo "pyxis yes"; }

enroot_version() {
  command -v enroot >/dev/null || return
  # enroot makes folders before it says anything.
  scratch=$(mktemp -d) && trap 'rm -rf "$scratch"' EXIT
  export ENROOT_RUNTIME_PATH=$scratch/run ENROOT_CACHE_PATH=$scratch/cache ENROOT_DATA_PATH=$scratch/data
  echo "enroot $(timeout 5 enroot version)"
  helper=$(command -v enroot-aufs2ovlfs)
  getcap=$(PATH=$PATH:/usr/sbin:/sbin command -v getcap)
  [[ -n $helper && -n $getcap ]] || return
  if [[ -n $("$getcap" "$helper") ]]; then echo "enroot_caps yes"; else echo "enroot_caps no"; fi
}

# Where pyxis and enroot unpack containers: the site's enroot.conf decides, and it may hold variables.
enroot_data() {
  command -v enroot >/dev/null || return
  line=$(cat /etc/enroot/enroot.conf /etc/enroot/enroot.conf.d/*.conf | sed -n 's/^ *ENROOT_DATA_PATH[ =]*//p' | tail -n 1)
  uid=$(id -u)
  line=${line//\$\{EUID\}/$uid} line=${line//\$EUID/$uid} line=${line//\$\{UID\}/$uid} line=${line//\$UID/$uid}
  line=${line//\$(id -u)/$uid} line=${line//\$\{HOME\}/$HOME} line=${line//\$HOME/$HOME}
  line=${line//\$\{USER\}/$USER} line=${line//\$USER/$USER}
  line=${line#\"} line=${line%\"}
  path=${line:-${ENROOT_DATA_PATH:-${XDG_DATA_HOME:-$HOME/.local/share}/enroot}}
  [[ $path == /* && $path != *\$* ]] || return
  # On the mount of the state folder, which the nodes share, it is shared too.
  whose=own
  [[ -n $MARK && $(mount_of "$path") == "$(mount_of "$(dirname "$MARK")")" ]] && whose=shared
  echo "enroot_data $whose $(kind_of "$path") $path"
}

namespaces() {
  for switch in user/max_user_namespaces kernel/unprivileged_userns_clone kernel/apparmor_restrict_unprivileged_userns; do
    [[ -r /proc/sys/$switch ]] && echo "switch /proc/sys/$switch $(<"/proc/sys/$switch")"
  done
  words=$(unshare --user --map-root-user --mount true 2>&1) && echo "unshare on" || echo "unshare off $(first_line <<<"$words")"
  command -v bwrap >/dev/null || return
  words=$(bwrap --ro-bind / / --unshare-pid --proc /proc true 2>&1) && echo "bwrap on" || echo "bwrap off $(first_line <<<"$words")"
}

kernel_features() {
  [[ -r /proc/sys/kernel/seccomp/actions_avail ]] && echo "seccomp yes"
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then echo "cgroup v2"; elif [[ -d /sys/fs/cgroup/memory ]]; then echo "cgroup v1"; fi
}

# The nearest folder that is there: what is not made yet will lie on its file system. Fails if a file is in the way.
existing() {
  path=$1 way=free
  while [[ ! -d $path && $path == */* && $path != / ]]; do
    [[ -e $path || -L $path ]] && way=taken
    path=$(dirname "$path")
  done
  echo "$path"
  [[ $way == free ]]
}

kind_of() { stat -f -c %T "$(existing "$1")" | tr ' ' _; }

mount_of() { stat -c %m "$(existing "$1")"; }

# ROLE, whether it is there, whether it can be written, KiB and inodes free, kind of file system, path
folder() {
  role=${1%%=*} path=${1#*=}
  is=missing can=no
  there=$(existing "$path") && [[ -w $there && -x $there ]] && can=writable
  [[ -d $path ]] && is=there
  read -r free inodes < <(stat -f -c '%a %S %d' "$there" | { read -r blocks size left && echo "$((blocks * size / 1024)) $left"; })
  echo "folder $role $is $can ${free:-0} ${inodes:-0} $(kind_of "$there") $path"
}

# Ports of PORTS that somebody listens on; the kernel writes them in hexadecimal.
ports() {
  listening=" $(awk '$4 == "0A" { sub(/.*:/, "", $2); print $2 }' /proc/net/tcp /proc/net/tcp6 | sort -u | tr '\n' ' ')"
  taken=
  for port in $PORTS; do
    [[ $listening == *" $(printf %04X "$port") "* ]] && taken+=" $port"
  done
  echo "ports_taken$taken"
}

image() {
  [[ -n $IMAGE ]] || return
  if [[ -r $IMAGE ]]; then echo "image yes"; else echo "image no"; fi
}

checkout() {
  [[ -n $CHECKOUT ]] || return
  if [[ -r $CHECKOUT/sandbox/server/server.py ]]; then echo "checkout yes"; else echo "checkout no"; fi
}

# Runs CANARY, a program, on a server or through a gateway: prints the milliseconds, the code of HTTP, and what the
# answer says the program printed.
server() {
  read -r name host port <<<"$1"
  began=${EPOCHREALTIME/./}
  # shellcheck disable=SC2016 # The inner shell expands them.
  answer=$(timeout 10 bash -c 'exec 9<>"/dev/tcp/$1/$2" || exit
    printf "POST /run_code HTTP/1.0\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" "$1" "${#3}" "$3" >&9 && cat <&9' \
    ask "$host" "$port" "$CANARY" | tr -d '\r\n')
  [[ $answer =~ ^HTTP/[0-9.]+\ ([0-9]+) ]] || return
  code=${BASH_REMATCH[1]} printed=
  [[ $answer =~ \"stdout\":\ *\"([[:alnum:]]*) ]] && printed=${BASH_REMATCH[1]}
  echo "reached $name $(((${EPOCHREALTIME/./} - began) / 1000)) $code $printed"
}

registry() {
  [[ -n $REGISTRY ]] || return
  command -v curl >/dev/null || return
  words=$(curl -sS -m 6 -o /dev/null -w 'answered %{http_code} %{time_total}' "$REGISTRY/v2/" 2>&1) || words="failed ${words%answered*}"
  echo "registry $(tr '\n' ' ' <<<"$words" | cut -c 1-300)"
}

controller() {
  command -v scontrol >/dev/null || return
  words=$(timeout 8 scontrol ping 2>&1)
  code=$?
  echo "controller $code $(first_line <<<"$words")"
}

# The caller wrote MARK before; this writes another beside it, which the caller looks for.
mark() {
  [[ -n $MARK ]] || return
  for tenths in {0..80}; do
    # A listing, since NFS remembers that a name was missing.
    if ls -a "$(dirname "$MARK")" | grep -qxF "$(basename "$MARK")" && read -r value <"$MARK"; then
      echo "mark_seen $tenths $value"
      break
    fi
    sleep 0.1
  done
  (echo back >"$MARK.back") && echo "mark_written yes"
}

{
  part system
  part tools
  part python
  part nodejs
  part pyxis
  part enroot_version
  part enroot_data
  part namespaces
  part kernel_features
  part ports
  part registry
  part controller
  part mark
  part image
  part checkout
  while IFS= read -r each; do [[ -n $each ]] && part server "$each"; done <<<"$SERVERS"
  while IFS= read -r each; do [[ -n $each ]] && part folder "$each"; done <<<"$FOLDERS"
}
ended=0
while ((ended < parts && SECONDS < 12)) && { IFS= read -r -t 1 -u 3 line || (($? > 128)); }; do
  [[ -n $line ]] && echo "$line"
  [[ $line == 'end '* ]] && ended=$((ended + 1))
  line=
done
for each in $(jobs -pr); do kill -KILL -- "-$each" 2>/dev/null; done
exit 0
