import { expect } from 'vitest';
import { extrasOf, type RunCodeResponse } from '../../../../src/api/wire.js';
import { type Attempt, type Outside, python } from './attempt.js';

const timedOut = ({ run_result }: RunCodeResponse) =>
  expect({ ...run_result, stdout: '', stderr: '' }).toMatchObject({ status: 'TimeLimitExceeded' });
const killedFor = (excess: string) => (answer: RunCodeResponse) =>
  expect(answer.run_result?.sandboxctl).toMatchObject({ killed: excess });
/** A cgroup counts what the kernel keeps for each process, too: there, so many are too much memory. */
const timedOutOrKilled = ({ run_result }: RunCodeResponse) =>
  expect(['TimeLimitExceeded', 'memory']).toContain(extrasOf(run_result).killed ?? run_result?.status);
const ended = ({ run_result }: RunCodeResponse) => expect(run_result?.stdout).toContain('END');
/** What only a cgroup counts is refused where there is none. */
const killedWhereCounted = (answer: RunCodeResponse, { counted }: Outside) =>
  (counted ? killedFor('memory') : ended)(answer);

/** Bytes wait in a socket until somebody reads them, and belong to no process. */
const FILL = `kept = []
def keep(*each): kept.append(each)
def fill(each):
    each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    each.setblocking(False)
    try:
        while True: each.send(bytes(1 << 16))
    except BlockingIOError: return each
def filled(): return [fill(each) for each in socket.socketpair()]
`;

/** Programs that take all there is, or will not end. */
export const EXHAUSTING: readonly Attempt[] = [
  python('memory bomb', 'held = []\nwhile True: held.append(bytearray(os.urandom(1 << 20)))', {
    check: killedFor('memory'),
  }),
  python(
    'fork bomb',
    `while True:
    try: os.fork()
    except OSError: time.sleep(0.001)`,
    { run_timeout: 2, check: timedOutOrKilled },
  ),
  {
    name: 'fork bomb of a shell',
    request: () => ({ language: 'bash', code: ':(){ :|:& };:; wait; sleep 9', run_timeout: 2 }),
  },
  python(
    'thread bomb',
    `made = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
        made += 1
except RuntimeError: print("held at", made)
if made > 600: print("BROKEN", made)
print("END", flush=True)
os._exit(0)`,
  ),
  python(
    'memory bomb of many processes',
    `for _ in range(64):
    if os.fork() == 0:
        held = os.urandom(4 << 20) + bytes(1)
        time.sleep(9)
time.sleep(9)`,
    { check: killedFor('memory') },
  ),
  python(
    'memory that no process maps',
    `try:
    held = []
    for _ in range(100):
        fd = os.memfd_create("wall")
        os.write(fd, bytes(8 << 20))
        held.append(fd)
    print("BROKEN")
except OSError as error: print("held", error)`,
    { check: killedWhereCounted },
  ),
  python(
    'memory of System V that no process maps',
    `libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
for _ in range(100):
    made = libc.shmget(0, 8 << 20, 0o1600)
    if made < 0: break
    at = libc.shmat(made, None, 0)
    ctypes.memset(at, 1, 8 << 20)
    libc.shmdt(ctypes.c_void_p(at))
else: print("BROKEN")`,
    { check: killedWhereCounted },
  ),
  python('asks for less than it takes', 'held = bytearray(os.urandom(96 << 20))\ntime.sleep(5)', {
    memory_limit_MB: 48,
    check: ({ run_result }) => expect(run_result?.return_code).not.toBe(0),
  }),
  python(
    'disk bomb',
    `def fill(folder):
    with open(folder + "/big", "wb", buffering=0) as file:
        while True: file.write(bytes(1 << 20))
for folder in ("/tmp", "/dev/shm"): refused(folder, lambda: fill(folder))`,
    { memory_limit_MB: 1000 },
  ),
  python(
    'disk bomb of many files',
    `def fill():
    for index in range(1_000_000):
        with open(f"{index}", "wb") as file: file.write(bytes(4096))
refused("files", fill)`,
    { memory_limit_MB: 1000 },
  ),
  python(
    'a million empty files',
    'for index in range(1_000_000): os.close(os.open(f"{index}", os.O_CREAT | os.O_WRONLY))\nprint("BROKEN")',
    { run_timeout: 30, check: ({ run_result }) => expect(run_result?.return_code).not.toBe(0) },
  ),
  python('a folder 3,000 deep', 'for _ in range(3000):\n    os.mkdir("d" * 200)\n    os.chdir("d" * 200)', {
    check: ended,
  }),
  python(
    'a file of a terabyte',
    'refused("size", lambda: os.truncate(os.open("sparse", os.O_CREAT | os.O_RDWR), 1 << 40))',
  ),
  python('endless output', 'while True: os.write(1, b"x" * 65536)', {
    run_timeout: 2,
    check: (answer) => {
      timedOut(answer);
      expect(answer.run_result?.stdout?.length).toBe(2 ** 20);
      expect(answer.run_result?.sandboxctl).toHaveProperty('stdout_dropped');
    },
  }),
  python(
    'endless output on both streams, a byte at a time',
    'while True:\n    os.write(1, b"x")\n    os.write(2, b"y")',
    { run_timeout: 2, check: timedOut },
  ),
  python('endless sleep', 'time.sleep(1e6)', { run_timeout: 1, check: timedOut }),
  python(
    'ignores every signal',
    `for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: time.sleep(9)`,
    { run_timeout: 1, check: timedOut },
  ),
  python(
    'daemons that left their parents',
    `for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        if os.fork() > 0: os._exit(0)
        for fd in (0, 1, 2): os.close(fd)
        time.sleep(600)
        os._exit(0)`,
    { check: ended },
  ),
  python(
    'a daemon that holds the output',
    'if os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\n    os._exit(0)',
    { check: ended },
  ),
  python('kills all that it can', 'os.kill(-1, signal.SIGKILL)'),
  python(
    'stops all that it can',
    'os.kill(-1, signal.SIGSTOP)\nos.kill(1, signal.SIGSTOP)\nos.kill(os.getpid(), signal.SIGSTOP)',
    {
      run_timeout: 2,
    },
  ),
  python(
    'sends every signal to the first process',
    `for number in range(1, 65):
    try: os.kill(1, number)
    except OSError as error: print("held", error)`,
    { check: ended },
  ),
  python(
    'dumps core',
    'resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\nprint(os.listdir("."), flush=True)\nos.abort()',
    { check: ({ run_result }) => expect(run_result?.return_code).toBe(-6) },
  ),
  python(
    'fills every pipe',
    `held = []
try:
    while True:
        pipe = os.pipe()
        os.set_blocking(pipe[1], False)
        held.append(pipe)
        os.write(pipe[1], bytes(1 << 16))
except OSError as error: print("held", len(held), error)
if len(held) > 600: print("BROKEN")`,
  ),
  python(
    'opens every file',
    `held = []
try:
    while True: held.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error: print("held", len(held), error)
if len(held) > 1100: print("BROKEN")`,
  ),
  python(
    'spins in many threads of many processes',
    `for _ in range(8):
    try: os.fork()
    except BlockingIOError: pass
while True: pass`,
    { run_timeout: 2, check: timedOut },
  ),
  python(
    'fills page tables, which are no pages of its own',
    `libc.mmap.restype = ctypes.c_void_p
size = 1 << 39
start = libc.mmap(None, ctypes.c_size_t(size), 1, 0x4022, -1, 0)
for at in range(0, size, 1 << 21): ctypes.c_char.from_address(start + at).value
time.sleep(9)`,
    { check: killedFor('memory') },
  ),
  python(
    'fills sockets with what nobody reads',
    `${FILL}for _ in range(100): keep(*filled())\ntime.sleep(9)`,
    {
      check: killedFor('memory'),
    },
  ),
  python(
    'fills sockets, and sends them away in others, so that no process has them open',
    `${FILL}import array
here, there = socket.socketpair()
for _ in range(100):
    pair = filled()
    here.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [each.fileno() for each in pair]))])
    for each in pair: each.close()
time.sleep(9)`,
    { check: killedFor('memory') },
  ),
  python(
    'fills connections to itself',
    `${FILL}listener = socket.create_server(("127.0.0.1", 0), backlog=500)
for _ in range(100):
    pair = socket.create_connection(listener.getsockname()), listener.accept()[0]
    keep(*[fill(each) for each in pair])
time.sleep(9)`,
    { check: killedFor('memory') },
  ),
  python(
    'fills files in memory that have no name any more',
    `for folder in ("/tmp", "/dev/shm", "/tmp"):
    fd = os.open(folder + "/unnamed", os.O_CREAT | os.O_RDWR)
    os.unlink(folder + "/unnamed")
    try:
        for _ in range(100): os.write(fd, bytes(1 << 20))
    except OSError as error: print("held", error)
time.sleep(9)`,
    { memory_limit_MB: 40, check: killedFor('memory') },
  ),
  python(
    'is not the last that the kernel ends when memory is short',
    'score = int(open("/proc/self/oom_score_adj").read())\nprint("held" if score == 1000 else f"BROKEN {score}")',
    { check: ended, withoutIsolation: true },
  ),
  python('locks memory', 'libc.mlockall(3)\nheld = bytes(64 << 20)\ntime.sleep(0.2)'),
  python(
    'recurses until the stack ends',
    'sys.setrecursionlimit(1 << 30)\ndef down(n): return down(n + 1) + 1\ndown(0)',
    { check: ({ run_result }) => expect(run_result?.return_code).not.toBe(0) },
  ),
];
