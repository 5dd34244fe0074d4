import type { RunCodeRequest, RunCodeResponse } from '../../../../src/api/wire.js';

/** Programs of one kind, each with a number of its own: an answer that belongs to another run is noticed. */
export interface Kind {
  name: string;
  /** Of the sum of all weights. */
  weight: number;
  request(n: number): RunCodeRequest;
  /** What the answer must match. */
  right?(n: number): object;
  /** Whether the client hangs up meanwhile. */
  hangsUp?: true;
}

const python = (code: string, more: Partial<RunCodeRequest> = {}) => ({ language: 'python', code, ...more });
const prints = (stdout: string) => ({ status: 'Success', run_result: { return_code: 0, stdout } });
const exits = (return_code: number) => ({ status: 'Failed', run_result: { return_code } });

const DAEMON = `import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(1000)
    os._exit(0)
print(5)`;
const BOMB = `import os, time
try:
    while True:
        if os.fork() == 0: time.sleep(20)
except OSError: pass`;
const FILES = `import tempfile
for index in range(20): open(f"f{index}", "w").write("x" * 1000)
tempfile.mkdtemp()
open("/dev/shm/a", "w").write("y")
print(2)`;
/** What the kernel counts for a user, across all processes: each a tenth of a run's part, or more. */
const QUEUES = `import ctypes, os, signal
libc = ctypes.CDLL(None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
for each in range(20): assert libc.sigqueue(os.getpid(), int(signal.SIGRTMIN), ctypes.c_void_p(0)) == 0
assert libc.mq_open(b"/queue", os.O_CREAT | os.O_RDWR, 0o600, None) >= 0
timer = ctypes.c_void_p()
for each in range(10): assert libc.timer_create(1, None, ctypes.byref(timer)) == 0
assert libc.inotify_init() >= 0
print(7)`;
const THREADS = `import threading
threads = [threading.Thread(target=sum, args=(range(1000),)) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
print(len(threads))`;
const HELD = 'a = bytearray(b"x" * (300 << 20))\nimport time; time.sleep(3)';
const CPP = '#include <cstdio>\nint main() { int n; scanf("%d", &n); printf("%d\\n", n + 1); }';

export const KINDS: readonly Kind[] = [
  { name: 'hello', weight: 280, request: (n) => python(`print(${n})`), right: (n) => prints(`${n}\n`) },
  {
    name: 'imports',
    weight: 130,
    request: (n) => python(`import json, re, collections, heapq, random\nprint(json.dumps([${n}]))`),
    right: (n) => prints(`[${n}]\n`),
  },
  {
    name: 'stdin',
    weight: 100,
    request: (n) => python('import sys\nprint(sum(map(int, sys.stdin.read().split())))', { stdin: `${n} 1` }),
    right: (n) => prints(`${n + 1}\n`),
  },
  { name: 'exit', weight: 60, request: () => python('raise SystemExit(3)'), right: () => exits(3) },
  { name: 'error', weight: 60, request: () => python('1 / 0'), right: () => exits(1) },
  {
    name: 'SIGSEGV',
    weight: 50,
    request: () => python('import ctypes; ctypes.string_at(0)'),
    right: () => exits(-11),
  },
  { name: 'files', weight: 50, request: () => python(FILES), right: () => prints('2\n') },
  {
    name: 'files of the request',
    weight: 20,
    request: (n) =>
      python('print(open("a/b").read())', { files: { 'a/b': Buffer.from(`${n}`).toString('base64') } }),
    right: (n) => prints(`${n}\n`),
  },
  {
    name: 'much output',
    weight: 40,
    request: (n) => python(`print("${n}" * 50000)`),
    right: (n) => prints(`${`${n}`.repeat(50_000)}\n`),
  },
  { name: 'threads', weight: 40, request: () => python(THREADS), right: () => prints('8\n') },
  {
    name: 'subprocess',
    weight: 20,
    request: (n) => python(`import subprocess\nsubprocess.run(["echo", "${n}"])`),
    right: (n) => prints(`${n}\n`),
  },
  { name: 'daemon', weight: 30, request: () => python(DAEMON), right: () => prints('5\n') },
  { name: "a user's queues", weight: 20, request: () => python(QUEUES), right: () => prints('7\n') },
  {
    name: 'timeout',
    weight: 15,
    request: () => python('import time; time.sleep(100)', { run_timeout: 0.3 }),
    right: () => ({ status: 'Failed', run_result: { status: 'TimeLimitExceeded' } }),
  },
  {
    name: 'memory',
    weight: 10,
    request: () => python(HELD, { memory_limit_MB: 100 }),
    right: () => ({ status: 'Failed', run_result: { status: 'Finished' } }),
  },
  { name: 'fork bomb', weight: 2, request: () => python(BOMB, { run_timeout: 2 }) },
  { name: 'hangs up', weight: 13, request: () => python('import time; time.sleep(5)'), hangsUp: true },
  {
    name: 'node',
    weight: 25,
    request: (n) => ({ language: 'nodejs', code: `console.log(${n})` }),
    right: (n) => prints(`${n}\n`),
  },
  {
    name: 'bash',
    weight: 25,
    request: (n) => ({
      language: 'bash',
      code: 'read -r n; (sleep 1000 >/dev/null 2>&1 &); echo $n; exit 4',
      stdin: `${n}\n`,
    }),
    right: (n) => ({ status: 'Failed', run_result: { return_code: 4, stdout: `${n}\n` } }),
  },
  {
    name: 'C++, compiled before',
    weight: 25,
    request: (n) => ({ language: 'cpp', code: CPP, stdin: `${n}` }),
    right: (n) => prints(`${n + 1}\n`),
  },
  {
    name: 'C++, compiled anew',
    weight: 3,
    request: (n) => ({ language: 'cpp', code: `${CPP} // ${n}`, stdin: `${n}` }),
    right: (n) => prints(`${n + 1}\n`),
  },
  {
    name: 'C++ that does not compile',
    weight: 2,
    request: (n) => ({ language: 'cpp', code: `int main() { return x${n}; }` }),
    right: () => ({ status: 'Failed', run_result: null }),
  },
];

export function pick(kinds: readonly Kind[], random: (below: number) => number): Kind {
  let rest = random(kinds.reduce((sum, { weight }) => sum + weight, 0));
  for (const kind of kinds) {
    rest -= kind.weight;
    if (rest < 0) return kind;
  }
  throw new Error('no kinds');
}

/** A part of the answer that tells what was wrong. */
export function summary({ status, message, run_result }: RunCodeResponse): string {
  return JSON.stringify({ status, message, run_result }).slice(0, 400);
}
