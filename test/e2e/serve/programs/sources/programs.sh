#: here-documents, quoted and not
x=5
cat <<A; cat <<'B'; cat <<-C
$x $(echo sub)
A
$x $(echo sub)
B
	tabs
C
#: read in loops {"stdin": "a b\nc\\ d\nlast"}
while IFS= read -r line || [ -n "$line" ]; do echo "[$line]"; done
#: read with a time-out {"stdin": "x\n"}
read -t 1 a; echo $? $a; read -t 1 b; echo $?
#: the rest of input by a child {"stdin": "one\ntwo\nthree\n"}
read -r first; echo "$first"; cat
#: select, arrays, arithmetic {"stdin": "2\n"}
declare -A m=([a]=1 [b]=2); for k in a b; do echo $k ${m[$k]}; done; echo $((2**62)) ${#m[@]} "${BASH_SOURCE##*.}" $#
select x in one two; do echo $x; break; done
#: exit codes of pipes
false | true; echo $? "${PIPESTATUS[@]}"; set -o pipefail; false | true; echo $?
#: set -e ends it
set -e; echo before; false; echo after
#: set -u ends it
set -u; echo "$nosuch"; echo after
#: traps: EXIT, ERR, DEBUG
trap 'echo exit $?' EXIT; trap 'echo err' ERR; false; exit 3
#: traps of signals
trap 'echo usr1' USR1; trap 'echo term; exit 7' TERM; kill -USR1 $$; kill $$; echo not here
#: killed by SIGINT
kill -INT $$; echo after
#: killed by SIGPIPE of its own
kill -PIPE $$; echo after
#: killed by a real-time signal
kill -40 $$; echo after
#: exit codes above 255, negative, not numbers
(exit 256); echo $?; (exit -1); echo $?; exit nothing
#: return codes of what cannot run
./nosuch; echo $?; touch f; ./f; echo $?; mkdir d; ./d; echo $?; nosuch; echo $?
#: a syntax error
echo before
if then
#: an unclosed quote
echo 'abc
#: background jobs and wait -n
sleep 0.3 & sleep 0.1 & wait -n; echo $?; wait; echo done; jobs
#: coproc and process substitution
coproc cat; echo hi >&${COPROC[1]}; read -r x <&${COPROC[0]}; echo $x; cat <(echo a) <(echo b); echo x | tee >(cat >f) >/dev/null; sleep 0.2; cat f
#: descriptors by number
exec 3>out; echo three >&3; exec 3>&-; cat out; echo err >&2; exec 5<out; read -u 5 l; echo $l; echo x >&7
#: its options, its shell
echo $- $0 | sed 's/tmp[a-z0-9_]*/X/g'; shopt -q login_shell; echo $? $BASH_VERSION ${SHELLOPTS}
#: ulimit as told
ulimit -H -t; ulimit -S -v; ulimit -d; ulimit -l >/dev/null; ulimit -x
#: its variables
compgen -e | grep -Ev 'PWD|TMPDIR|SANDBOXCTL_RUN' | sort; echo $UID $EUID $PPID | wc -w; echo ${HOSTNAME:+set} $SHLVL $IFS | od -c
#: umask, cd, pwd, pushd
umask; mkdir a; cd a; echo "${PWD##*/}" "${OLDPWD:+set}"; cd - >/dev/null; pushd a >/dev/null; dirs | wc -w; cd; pwd -P >/dev/null; echo ~root
#: mktemp, find, xargs, sort, awk, sed
t=$(mktemp -d); printf '%s\n' 3 1 2 | sort | xargs -n1 -P2 echo | sort -r | awk '{s+=$1; print NR, s}' | sed 's/^/> /'; find "$t" | wc -l; seq 5 | paste -sd+ | bc 2>/dev/null || echo no bc
#: sort and classes in this locale
printf 'b\nA\na\nB\né\n' | sort | tr '\n' ' '; [[ é =~ ^[[:alpha:]]$ ]]; echo $?; s=é漢😀; echo ${#s}; printf '%q\n' "$s"
#: date, times, sleep
date -u -d @86400 +%F; TZ=Asia/Tokyo date -d @0 +%H; times | wc -l; date +%Z; cal 2>/dev/null | wc -l >/dev/null
#: /dev/tcp of its own machine
(exec 3<>/dev/tcp/127.0.0.1/1) 2>&1 | sed 's/.*: //'
#: /dev/fd and /dev/stdin
echo x | cat /dev/fd/0; echo y | cat /dev/stdin; echo z >/dev/stderr; ls -l /dev/fd/1 | sed 's/.*-> //; s/[0-9]//g'
#: who and where it is
whoami; id -u; id -g; hostname >/dev/null && echo named; getent hosts "$(hostname)" >/dev/null && echo resolved; uname -s; groups | wc -w; [ -w "$HOME" ] && echo writable; tty
#: env of a child, exec -a, command
env -i sh -c 'echo ${PATH:+path} $0'; exec -a other sh -c 'echo $0'
#: nproc, free, ps, kill -l
nproc; getconf _NPROCESSORS_ONLN; kill -l 9; kill -l | wc -l; command -v ps >/dev/null && ps -o comm= -p $$
#: the limit of an argument
x=$(head -c 130000 /dev/zero | tr '\0' a); /bin/echo "$x" | wc -c; x=$x$x; /bin/echo "$x" 2>&1 | sed 's/.*: //' | head -c 100
#: a fork bomb's little sister
for i in $(seq 100); do sleep 0.2 & done; wait; echo all
#: a login shell and a subshell's level
bash -lc 'echo $SHLVL'; (echo $BASH_SUBSHELL); sh -c 'echo $0'; bash -c 'echo $BASHPID' | wc -l
#: megabytes through pipes
head -c 3000000 /dev/zero | tr '\0' x | fold -w 100 | wc -l; yes | head -c 100000 | md5sum
#: stdout closed
exec 1>&-; echo lost; echo $? >&2
#: flock, timeout, nice, setsid
flock f echo locked; timeout 0.2 sleep 5; echo $?; nice -n 3 nice; setsid -w sh -c 'exit 4'; echo $?; nohup true; stdbuf -o0 echo x
