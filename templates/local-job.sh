#!/bin/bash
# Jobs of the local cluster: starts them, and keeps each one's limits and record. Started by sandboxctl.
#
#   local-job.sh start FOLDER LIMIT GRACE NODE CPUS MEMORY  ID LOG ...  a supervisor for each job, then returns
#   local-job.sh end FOLDER LIMIT GRACE NODE CPUS MEMORY  ID LOG LEADER START KEY SINCE
#                                                  begins to end a job whose supervisor was killed, then returns
#
# FOLDER holds job.json and the script, and of each job ID.json: its record, written by its supervisor
# alone. A file ID.cancel, or SIGTERM, asks the supervisor to end the job. LIMIT and GRACE are seconds, LIMIT 0 is none.
# MEMORY is the job's share of the machine's, in bytes; it is told to the job, which keeps to it.
set -uo pipefail

SELF=${BASH_SOURCE[0]}
MODE=$1 FOLDER=$2 LIMIT=$3 GRACE=$4 NODE=$5 CPUS=$6 MEMORY=$7
shift 7

# What the caller's shell left open is no job's: a lock would be held for days. bash's own descriptors close on exec.
close_inherited() {
  local fd key value
  for fd in "/proc/$$/fdinfo"/*; do
    fd=${fd##*/}
    (( fd > 2 )) || continue
    while read -r key value; do
      [[ $key == flags: ]] && (( (8#$value & 8#2000000) == 0 )) && eval "exec $fd>&-"
    done <"/proc/$$/fdinfo/$fd"
  done 2>/dev/null
}
close_inherited

# A read from a pipe that never delivers: a pause that starts no process.
exec {NEVER}<> <(:)
pause() { read -rt "$1" -u "$NEVER" || true; }

# A pid alone may belong to somebody else by now: with its start, in clock ticks since the machine's, it
# is one process. Sets FOUND to `STATE START`.
find_process() { # PID
  local line fields
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  # A program's name stands in parentheses and may hold spaces.
  read -ra fields <<<"${line##*) }"
  FOUND="${fields[0]} ${fields[19]}"
}

lives() { # PID START
  find_process "$1" && [[ $FOUND != [ZX]* && ${FOUND#* } == "$2" ]]
}

record() { # STATE REASON [EXIT_CODE]: written whole or not at all
  local file=$FOLDER/$ID.json temporary=$FOLDER/.$ID.json.$$.tmp ended=null code=null
  if [[ -n ${3-} ]]; then
    printf -v ended '%(%s)T' -1
    code=$3
  fi
  (
    umask 077
    mkdir -p "$FOLDER"
    printf '{"schema_version":1,"state":"%s","reason":"%s","exit_code":%s,"host":"%s","boot_id":"%s","supervisor_pid":%d,"supervisor_start":%d,"leader_pid":%d,"leader_start":%d,"key":"%s","started_at":%d,"ended_at":%s}\n' \
      "$1" "$2" "$code" "$HOSTNAME" "$BOOT" "$$" "$OWN_START" "$LEADER" "$LEADER_START" "$KEY" "$SINCE" \
      "$ended" >"$temporary" && { sync "$temporary" 2>/dev/null || true; } && mv -f "$temporary" "$file"
  ) || rm -f "$temporary"
}

# Every process of the job: the leader's session, all that descends from it, and what carries the job's
# key, as a daemon that left both still does.
members() {
  {
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v leader="$LEADER" '
      { pid = $1; sub(/^[0-9]+ \(.*\) /, "") }
      $1 != "Z" { parent[pid] = $2; if (pid == leader || $4 == leader) ours[pid] = 1 }
      END {
        do {
          more = 0
          for (pid in parent) if (!(pid in ours) && parent[pid] in ours) { ours[pid] = 1; more = 1 }
        } while (more)
        for (pid in ours) print pid
      }'
    grep -lszxF "SANDBOXCTL_JOB_KEY=$KEY" /proc/[0-9]*/environ | cut -d / -f 3
  } | sort -u
}

signal() { # NAME
  local pid
  for pid in $(members); do kill "-$1" "$pid" 2>/dev/null; done
}

# Follows the leader to its end, and ends it when that is asked for or its time is over.
follow() {
  local now deadline=
  while lives "$LEADER" "$LEADER_START"; do
    printf -v now '%(%s)T' -1
    if [[ -n $deadline ]]; then
      (( now >= deadline )) && signal KILL
    else
      [[ -e $FOLDER/$ID.cancel ]] && STOPPED=CANCELLED
      (( LIMIT > 0 && now - SINCE >= LIMIT )) && STOPPED=TIMEOUT
      if [[ -n $STOPPED ]]; then
        deadline=$(( now + GRACE ))
        echo "sandboxctl: job $ID ends: $STOPPED" >>"$LOG"
        signal TERM
      fi
    fi
    [[ -e $FOLDER/$ID.json ]] || put_back
    pause 0.25
  done
}

# Somebody deleted the state folder: a job that runs must not be lost from sight.
# Its record comes last: whoever sees that finds the rest too.
put_back() {
  local file text
  (umask 077 && mkdir -p "$FOLDER")
  for file in script job.json; do
    [[ $file == script ]] && text=$SCRIPT || text=$ABOUT
    [[ -e $FOLDER/$file ]] && continue
    (umask 077 && printf '%s\n' "$text" >"$FOLDER/.$file.$$.tmp") && mv -f "$FOLDER/.$file.$$.tmp" "$FOLDER/$file"
  done
  record RUNNING ''
}

# What the leader left behind ends with it, the stubborn by force after two seconds.
sweep() {
  local round
  for round in {0..30}; do
    [[ -n $(members) ]] || return
    (( round == 0 )) && signal TERM
    (( round >= 20 )) && signal KILL
    pause 0.1
  done
}

supervise() { # [EXIT_CODE]: where the leader is no child of ours
  local code
  record RUNNING ''
  follow
  code=${1-}
  if [[ -z $code ]]; then
    wait "$LEADER"
    code=$?
  fi
  sweep
  if [[ -n $STOPPED ]]; then
    record "$STOPPED" '' "$code"
  elif (( code == 0 )); then
    record COMPLETED '' 0
  else
    record FAILED NonZeroExitCode "$code"
  fi
}

detached() { # MODE ID LOG [MORE...]
  setsid "$BASH" "$SELF" "$1" "$FOLDER" "$LIMIT" "$GRACE" "$NODE" "$CPUS" "$MEMORY" "${@:2}" </dev/null >/dev/null 2>&1 {NEVER}<&- &
}

case $MODE in
  start)
    IDS=()
    for (( at = 1; at < $#; at += 2 )); do
      IDS+=("${!at}")
      log=$(( at + 1 ))
      detached job "${!at}" "${!log}"
    done
    for _ in {1..200}; do
      missing=0
      for ID in "${IDS[@]}"; do [[ -e $FOLDER/$ID.json ]] || missing=1; done
      (( missing )) || exit 0
      pause 0.05
    done
    echo "the jobs' supervisors wrote no record below $FOLDER within 10 s" >&2
    exit 1
    ;;
  end)
    detached adopt "$@"
    exit 0
    ;;
esac

ID=$1 LOG=$2 STOPPED=
trap 'STOPPED=CANCELLED' TERM
trap '' INT HUP
read -r BOOT </proc/sys/kernel/random/boot_id
find_process $$
OWN_START=${FOUND#* }
ABOUT=$(<"$FOLDER/job.json") SCRIPT=$(<"$FOLDER/script")

if [[ $MODE == adopt ]]; then
  # Nobody is asked to take a job over but to end it.
  STOPPED=CANCELLED
  LEADER=$3 LEADER_START=$4 KEY=$5 SINCE=$6
  # Nobody but its parent learns how a process ended.
  supervise 143
  exit
fi
LEADER=0 LEADER_START=0
read -r KEY </proc/sys/kernel/random/uuid
printf -v SINCE '%(%s)T' -1
if ! : >>"$LOG"; then
  record FAILED JobLaunchFailure 1
  exit
fi
SANDBOXCTL_JOB_KEY=$KEY SANDBOXCTL_JOB_ID=$ID SANDBOXCTL_JOB_NODE=$NODE SANDBOXCTL_JOB_CPUS=$CPUS \
  SANDBOXCTL_JOB_MEMORY=$MEMORY setsid "$FOLDER/script" </dev/null >>"$LOG" 2>&1 {NEVER}<&- &
LEADER=$!
find_process "$LEADER" && LEADER_START=${FOUND#* }
supervise
