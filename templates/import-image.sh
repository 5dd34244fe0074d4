#!/bin/sh
# Written by sandboxctl import-image for one import; removed after it.
set -u
unset SLURM_JWT SANDBOXCTL_TOKEN
import=$SANDBOXCTL_JOB_IMPORT out=$SANDBOXCTL_JOB_OUT lock=$SANDBOXCTL_JOB_LOCK

# say WORD [KEY VALUE]...: reports a fact in the form that src/failures/script-line.ts parses.
say() {
  said="sandboxctl: $1"
  shift
  while [ "$#" -gt 1 ]; do
    said="$said $1=\"$(printf %s "$2" | tr '[:cntrl:]' ' ' | sed 's/[\\"]/\\&/g')\""
    shift 2
  done
  printf '%s\n' "$said" >&2
}
setting() { say setting name "$1" value "$2" origin "$3"; }
token() { sed -n 's/.*"token":"\([^"]*\)".*/\1/p' "$lock" 2>/dev/null; }
kib_free() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }

# kill_rest GROUP KEPT: every process of this import but this shell and KEPT: those in its group, and those that
# carry its id, since enroot loads layers in groups of their own. One that was just starting another is no parent
# of it any more: so until none is found.
kill_rest() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    found=''
    for pid in $({ pgrep -g "$1"; grep -lszxF "SANDBOXCTL_JOB_IMPORT=$import" /proc/[0-9]*/environ | cut -d / -f 3; } 2>/dev/null); do
      [ "$pid" = $$ ] || [ "$pid" = "$2" ] || ! kill -s KILL "$pid" 2>/dev/null || found=yes
    done
    [ -n "$found" ] || return
    sleep 0.1
  done
}

# clear_away FOLDER: what is just being killed may still make a file there, after rm has looked.
clear_away() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf "$1" 2>/dev/null && return
    sleep 0.1
  done
}

# reap PID GROUP TEMP: until PID has ended, or the lock changed hands or stood still for 8 s.
reap() {
  mine=$(token) last='' still=0
  while kill -0 "$1" 2>/dev/null; do
    now=$(cat "$lock" 2>/dev/null) held=$(token)
    # One read that fails, as on NFS, says nothing; another holder does.
    [ -n "$mine" ] || mine=$held
    [ -z "$held" ] || [ "$held" = "$mine" ] || break
    if [ "$now" = "$last" ]; then still=$((still + 1)); else still=0; fi
    [ "$still" -lt 8 ] || break
    last=$now
    sleep 1
  done
  kill -s INT -- "-$2" 2>/dev/null
  for _ in 1 2 3 4 5; do kill -0 -- "-$2" 2>/dev/null && sleep 1; done
  # What does not listen, but not the script itself yet: where that is a job, its end is the end of us too.
  kill_rest "$2" "$1"
  sleep 1
  kill -s KILL -- "-$2" 2>/dev/null
  rm -f "$out"
  clear_away "$3"
}
if [ "$#" -gt 0 ]; then reap "$@"; exit; fi

# The value that the site's enroot.conf gives; enroot evaluates these lines in the same way, and takes the first.
site() {
  line=$(sed -n "s/^[[:space:]]*$1[[:space:]=]\{1,\}//p" /etc/enroot/enroot.conf /etc/enroot/enroot.conf.d/*.conf 2>/dev/null | head -n 1)
  eval "echo $line"
}
choose() {
  eval "given=\${$1-}"
  if [ -n "$given" ]; then setting "$1" "$given" environment; return; fi
  if [ -n "$(site "$1")" ]; then setting "$1" "$(site "$1")" enroot.conf; return; fi
  if [ -n "${3-}" ] && ! eval "$3"; then return; fi
  export "$1=$2"
  setting "$1" "$2" sandboxctl
}

if ! command -v enroot >/dev/null 2>&1; then say no-enroot; exit 112; fi

cpus=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)
fewer() { if [ "$1" -ge 1 ] && [ "$1" -lt "$cpus" ]; then cpus=$1; fi; }
group=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null)
while [ -n "$group" ]; do
  if read -r quota period 2>/dev/null <"/sys/fs/cgroup$group/cpu.max" && [ "$quota" != max ]; then
    fewer $(((quota + period - 1) / period))
  fi
  group=${group%/*}
done
fewer "${SLURM_CPUS_PER_TASK:-0}"
connections=$cpus
[ "$connections" -ge 2 ] || connections=2
[ "$connections" -le 8 ] || connections=8
#SETTINGS#

# Room where layers are unpacked: a local disk first, then memory, then a network file system.
rank() {
  case $(stat -f -c %T "$1") in
  tmpfs | ramfs) echo 2 ;;
  nfs* | lustre | gpfs | ceph | beegfs | fuse* | smb* | cifs* | v9fs | afs) echo 3 ;;
  *) echo 1 ;;
  esac
}
local_temp() {
  for wanted in 1 2 3; do
    for folder in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
      if [ -d "$folder" ] && [ -w "$folder" ] && [ "$(rank "$folder")" = "$wanted" ] &&
        [ "$(kib_free "$folder")" -ge "$SANDBOXCTL_JOB_TEMP_KIB" ]; then
        echo "$folder"
        return
      fi
    done
  done
  echo "${TMPDIR:-/tmp}"
}
base=${ENROOT_TEMP_PATH:-$(site ENROOT_TEMP_PATH)}
[ -n "$base" ] || base=$(local_temp)
cache=${ENROOT_CACHE_PATH:-$(site ENROOT_CACHE_PATH)}
cache=${cache:-${XDG_CACHE_HOME:-$HOME/.cache}/enroot}
mkdir -p "$cache" 2>/dev/null || { say no-folder role cache folder "$cache"; exit 110; }
temp=$(mktemp -d "$base/sandboxctl-import.$(id -u).$import.XXXXXX" 2>/dev/null) || { say no-folder role temp folder "$base"; exit 110; }
export ENROOT_TEMP_PATH="$temp"
echo $$ >"$temp/pid"
# What imports left on this machine that were killed with all that belonged to them.
find "$base" -maxdepth 1 -name "sandboxctl-import.$(id -u).*" -user "$(id -u)" -mmin +60 2>/dev/null |
  while read -r old; do
    kill -0 "$(cat "$old/pid" 2>/dev/null)" 2>/dev/null || rm -rf "$old"
  done
setting ENROOT_TEMP_PATH "$temp" "in $base"

me=$$
read -r _ _ _ _ pgid _ <"/proc/$me/stat"
setsid sh "$0" "$me" "$pgid" "$temp" </dev/null >/dev/null 2>&1 &
reaper=$!
trap 'kill -s KILL -- "-$reaper" 2>/dev/null; clear_away "$temp"' EXIT
trap 'kill_rest "$pgid" "$reaper"; rm -f "$out"; exit 130' INT
trap 'kill_rest "$pgid" "$reaper"; rm -f "$out"; exit 143' TERM HUP

# Without a runtime folder that it can make, enroot fails before it says anything.
if [ -z "${ENROOT_RUNTIME_PATH:-$(site ENROOT_RUNTIME_PATH)}" ] && ! mkdir -p "${XDG_RUNTIME_DIR:-/run}/enroot" 2>/dev/null; then
  export ENROOT_RUNTIME_PATH="$temp/runtime"
  setting ENROOT_RUNTIME_PATH "$ENROOT_RUNTIME_PATH" sandboxctl
fi

# Room: what lies on one file system adds up.
need_cache=$SANDBOXCTL_JOB_CACHE_KIB
if [ -n "$SANDBOXCTL_JOB_LAYERS" ]; then
  need_cache=0
  for layer in $SANDBOXCTL_JOB_LAYERS; do
    [ -e "$cache/${layer%%:*}" ] || need_cache=$((need_cache + ${layer#*:} / 1024 + 1))
  done
fi
target=$(dirname "$out")
room() {
  where=$(stat -c %d "$2") need=0
  if [ "$(stat -c %d "$cache")" = "$where" ]; then need=$((need + need_cache)); fi
  if [ "$(stat -c %d "$temp")" = "$where" ]; then need=$((need + SANDBOXCTL_JOB_TEMP_KIB)); fi
  if [ "$(stat -c %d "$target")" = "$where" ]; then need=$((need + SANDBOXCTL_JOB_TARGET_KIB)); fi
  free=$(kib_free "$2")
  if [ "$free" -lt "$need" ]; then say no-space role "$1" free_kib "$free" need_kib "$need" folder "$3"; exit 110; fi
}
room target "$target" "$target"
room temp "$temp" "$base"
room cache "$cache" "$cache"

say node name "${SLURMD_NODENAME:-$(uname -n)}"
say enroot version "$(enroot version 2>/dev/null)"
enroot import -a "$SANDBOXCTL_JOB_ARCH" -o "$out" -- "$SANDBOXCTL_JOB_URI"
code=$?
if [ "$code" -ne 0 ]; then rm -f "$out"; exit "$code"; fi
say phase name "Listing the files of the image..."
if command -v unsquashfs >/dev/null 2>&1; then
  say squashfs-tools version "$(unsquashfs -version 2>/dev/null | sed -n 's/^unsquashfs version \([^ ]*\).*/\1/p')"
  unsquashfs -lln "$out" >"$temp/listing" || { say not-listable; rm -f "$out"; exit 111; }
  say listed files "$(grep -c . "$temp/listing")"
fi
sync -d "$out" 2>/dev/null
exit 0
