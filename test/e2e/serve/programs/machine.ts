import type { Subject } from './case.js';

const python = (name: string, code: string) => ({ name, language: 'python', code });

/** Clocks, users, names of files, memory that processes share, what the runtime tells of itself. */
export const MACHINE: Subject = [
  python(
    'shared memory of multiprocessing',
    'from multiprocessing import shared_memory, Process\ndef f(name):\n    s = shared_memory.SharedMemory(name); s.buf[0] = 7; s.close()\ns = shared_memory.SharedMemory(create=True, size=1 << 20)\np = Process(target=f, args=(s.name,)); p.start(); p.join()\nprint(s.buf[0]); s.close(); s.unlink()',
  ),
  python(
    'a pool of processes',
    "from multiprocessing import Pool\ndef f(x): return x * x\nif __name__ == '__main__':\n    with Pool(4) as p: print(p.map(f, range(10)))",
  ),
  python(
    'semaphores and queues',
    'from multiprocessing import Process, Queue, Semaphore\ndef f(q, s):\n    with s: q.put(1)\nq, s = Queue(), Semaphore(2)\nps = [Process(target=f, args=(q, s)) for _ in range(5)]\n[p.start() for p in ps]; print(sum(q.get() for _ in ps)); [p.join() for p in ps]',
  ),
  python(
    'concurrent.futures',
    'from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor\nwith ThreadPoolExecutor(32) as e: print(sum(e.map(len, ["a"] * 100)))\nwith ProcessPoolExecutor(2) as e: print(list(e.map(abs, [-1, -2])))',
  ),
  python(
    'asyncio and its subprocesses',
    "import asyncio\nasync def main():\n    p = await asyncio.create_subprocess_exec('echo', 'hi', stdout=asyncio.subprocess.PIPE)\n    print((await p.communicate())[0], p.returncode)\nasyncio.run(main())",
  ),
  python(
    'a terminal that it makes itself',
    "import os, pty\npid, fd = pty.fork()\nif pid == 0: os.execvp('sh', ['sh', '-c', 'test -t 0 && stty size'])\nprint(os.read(fd, 99), os.waitpid(pid, 0)[1])",
  ),
  python('no folder before its own', "import os\nprint('OLDPWD' in os.environ)"),
  python(
    'clocks',
    'import time, datetime\nprint(time.tzname, datetime.datetime.now().astimezone().utcoffset(), abs(time.time() - time.clock_gettime(0)) < 1, time.get_clock_info("monotonic").implementation)',
  ),
  python('an alarm', 'import signal\nsignal.alarm(1); signal.pause()'),
  python(
    'a timer with a handler',
    "import signal\nsignal.signal(signal.SIGALRM, lambda *_: print('rang', flush=True))\nsignal.setitimer(signal.ITIMER_REAL, 0.1); signal.pause(); print('on')",
  ),
  python(
    'faulthandler of a crash',
    'import faulthandler, ctypes\nfaulthandler.enable()\nctypes.string_at(0)',
  ),
  python(
    'faulthandler that is off',
    'import faulthandler, ctypes\nfaulthandler.disable()\nctypes.string_at(0)',
  ),
  python(
    'its user',
    'import os, getpass, pwd\nprint(os.getuid(), os.geteuid(), os.getgid(), pwd.getpwuid(os.getuid()).pw_name)',
  ),
  python(
    'its home',
    "import os\nprint(os.path.expanduser('~') == os.environ['HOME'], os.access(os.environ['HOME'], os.W_OK))",
  ),
  python(
    'its own file',
    'import sys, os\nprint(os.path.dirname(os.path.abspath(__file__)) == os.getcwd(), len(sys.argv), __name__)',
  ),
  python(
    'localhost',
    'import socket\nprint(socket.gethostbyname("localhost"), socket.getaddrinfo("127.0.0.1", 80)[0][4])',
  ),
  python(
    'a server and a client of its own',
    "import socket, threading\ns = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\nthreading.Thread(target=lambda: s.accept()[0].sendall(b'hello')).start()\nc = socket.create_connection(s.getsockname()); print(c.recv(9))",
  ),
  python(
    'a UNIX socket and a FIFO',
    "import os, socket, threading\ns = socket.socket(socket.AF_UNIX); s.bind('sock'); s.listen()\nc = socket.socket(socket.AF_UNIX); c.connect('sock'); print('connected')\nos.mkfifo('fifo'); threading.Thread(target=lambda: open('fifo', 'w').write('x')).start(); print(open('fifo').read())",
  ),
  python(
    'a pseudo-terminal',
    'import os, pty\npid, fd = pty.fork()\nif pid == 0: print(os.isatty(0)); os._exit(0)\nprint(os.read(fd, 99)); os.waitpid(pid, 0)',
  ),
  python(
    'standard streams are no terminals',
    'import os, sys\nprint([os.isatty(fd) for fd in (0, 1, 2)], sys.stdout.line_buffering)',
  ),
  python(
    'names of files in any bytes',
    "import os\nopen(b'\\xff\\xfe', 'w').close(); open('é😀', 'w').close(); print(sorted(os.listdir(b'.'))[-2:])",
  ),
  python(
    'long names and deep folders',
    "import os\nos.makedirs('/'.join(['d' * 50] * 20)); print(os.path.isdir('/'.join(['d' * 50] * 20)))\ntry: open('x' * 256, 'w')\nexcept OSError as e: print(e.errno)",
  ),
  python(
    'links and locks',
    "import os, fcntl\nopen('a', 'w').write('x'); os.link('a', 'b'); os.symlink('a', 'c'); print(os.stat('a').st_nlink, os.readlink('c'))\nfcntl.flock(open('a'), fcntl.LOCK_EX); print('locked')",
  ),
  python(
    'a sparse file, and its holes',
    "import os\nf = open('s', 'wb'); f.truncate(1 << 28); f.flush(); print(os.stat('s').st_size, os.stat('s').st_blocks)",
  ),
  python(
    'mmap of a file',
    "import mmap\nf = open('m', 'w+b'); f.truncate(4096); m = mmap.mmap(f.fileno(), 4096); m[0:2] = b'hi'; m.flush(); print(open('m', 'rb').read(2))",
  ),
  python(
    'permissions',
    "import os\nopen('p', 'w').close(); os.chmod('p', 0o640); print(oct(os.stat('p').st_mode)); print(oct(os.umask(0)))",
  ),
  python(
    'random numbers',
    'import os, random, secrets\nrandom.seed(1); print(random.random(), len(os.urandom(99)), len(secrets.token_hex(8)))',
  ),
  python(
    'integers that are too long to print',
    'try: print(len(str(10 ** 5000)))\nexcept ValueError as e: print(e)',
  ),
  python(
    'decimal, json and sqlite',
    "import decimal, json, sqlite3\nprint(decimal.Decimal(1) / 3, json.dumps({'é': 1}), sqlite3.connect(':memory:').execute('select 1 + 1').fetchone())",
  ),
  python(
    'SIGPIPE is ignored, as Python sets it',
    "import signal, subprocess\nprint(signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGINT) == signal.default_int_handler, subprocess.run('yes | head -1', shell=True, capture_output=True).stdout)",
  ),
  python('KeyboardInterrupt that nobody catches', 'import os, signal\nos.kill(os.getpid(), signal.SIGINT)'),
  python('SystemExit with words', "raise SystemExit('words')"),
  python('os._exit loses what is buffered', "import os, sys\nsys.stdout.write('lost'); os._exit(3)"),
  python(
    'a daemon thread at the end',
    "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start(); print('end')",
  ),
  python(
    'exec of another program',
    "import os, sys\nsys.stdout.flush(); os.execvp('echo', ['echo', 'other'])",
  ),
  python(
    'a thread with a large stack',
    'import threading, sys\nsys.setrecursionlimit(10**6); threading.stack_size(512 << 20)\ndef f(n): return 0 if n == 0 else 1 + f(n - 1)\nt = threading.Thread(target=lambda: print(f(50000))); t.start(); t.join()',
  ),
  python(
    'stdin from a closed descriptor',
    'import os, sys\nos.close(0)\ntry: os.read(0, 1)\nexcept OSError as e: print(e.errno)',
  ),
  python(
    'dup2 of its streams',
    "import os, sys\nsaved = os.dup(1); os.dup2(2, 1); os.write(1, b'to stderr'); os.dup2(saved, 1); os.write(1, b'to stdout')",
  ),
  python(
    'poll and select',
    'import select, sys\nprint(select.select([sys.stdin], [sys.stdout], [], 1)[1] != [])',
  ),
  python(
    'non-blocking stdout',
    'import os, sys\nos.set_blocking(1, False); print(os.get_blocking(1)); os.set_blocking(1, True)',
  ),
  {
    name: 'bash: pipes, substitutions, here-documents',
    language: 'bash',
    code: 'diff <(echo a) <(echo a) && cat <<<here && echo "$(</dev/null)x" | tee >(cat >/dev/null)',
  },
  {
    name: 'bash: job control and wait',
    language: 'bash',
    code: 'sleep 0.1 & p=$!; wait $p; echo $?; (exit 3) & wait $!; echo $?; jobs',
  },
  {
    name: 'bash: what ulimit says of stacks',
    language: 'bash',
    code: 'ulimit -s; ulimit -H -s; ulimit -v; ulimit -d',
  },
  {
    name: 'bash: a command that is not there',
    language: 'bash',
    code: 'nosuchcommand; echo $?; exec nosuchcommand',
  },
  {
    name: 'bash: a file that is no program',
    language: 'bash',
    code: 'echo x >f; ./f; echo $?; chmod +x f; ./f; echo $?',
  },
  {
    name: 'bash: time and seconds',
    language: 'bash',
    code: 'TIMEFORMAT=; time true; [ $SECONDS -lt 5 ] && echo ok; date -u -d @0',
  },
  {
    name: 'node: an unhandled rejection',
    language: 'nodejs',
    code: "process.exitCode = 3; console.error('err'); console.log(process.argv.length, process.stdin.isTTY)",
  },
  {
    name: 'node: readline',
    language: 'nodejs',
    stdin: 'a\nb\n',
    code: "require('readline').createInterface({ input: process.stdin }).on('line', l => console.log(l + '!')).on('close', () => { for (let i = 0; i < 2000; i++) console.log(i); process.exit(0) })",
  },
  {
    name: 'node: stdin as a stream',
    language: 'nodejs',
    stdin: 'x'.repeat(300_000),
    code: "let n = 0; process.stdin.on('data', d => n += d.length).on('end', () => console.log(n, process.stdin.constructor.name, process.stdout.constructor.name))",
  },
  {
    name: 'perl: fork, pipe and wait',
    language: 'perl',
    code: 'pipe(my $r, my $w); if (!fork) { print $w "child\\n"; exit 3 } close $w; print <$r>; wait; print $? >> 8',
  },
  {
    name: 'C++: shared memory between processes',
    language: 'cpp',
    code: '#include <sys/mman.h>\n#include <sys/wait.h>\n#include <unistd.h>\n#include <cstdio>\nint main() { int* p = (int*)mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); if (!fork()) { *p = 42; _exit(0); } wait(0); printf("%d\\n", *p); }',
  },
  {
    name: 'C++: POSIX shared memory and semaphores',
    language: 'cpp',
    code: '#include <sys/mman.h>\n#include <fcntl.h>\n#include <unistd.h>\n#include <semaphore.h>\n#include <cstdio>\nint main() { int f = shm_open("/sandboxctl-test", O_CREAT | O_RDWR, 0600); printf("%d\\n", ftruncate(f, 4096)); shm_unlink("/sandboxctl-test"); sem_t s; sem_init(&s, 1, 1); printf("%d\\n", sem_trywait(&s)); }',
  },
  {
    name: 'C++: abort, and what was buffered',
    language: 'cpp',
    code: '#include <cstdio>\n#include <cstdlib>\nint main() { printf("buffered"); fprintf(stderr, "err"); abort(); }',
  },
  {
    name: 'C++: a division by zero',
    language: 'cpp',
    code: 'int main(int c, char**) { volatile int z = c - 1; return 1 / z; }',
  },
  { name: 'C++: compile error', language: 'cpp', code: 'int main() { return x; }' },
  { name: 'Java: compile error', language: 'java', code: 'class Main { int x = "s"; }' },
  {
    name: 'Java: exit code and streams',
    language: 'java',
    code: 'class Main { public static void main(String[] a) { System.err.println("e"); System.out.println(System.getProperty("user.dir").equals(new java.io.File(".").getAbsoluteFile().getParent())); Runtime.getRuntime().halt(5); } }',
  },
];
