import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { asUser, newUser } from './as-root.js';
import type { ServedCli } from './server.js';
import { makerOf, parentIn, serveWarm } from './warm-server.js';

let served: ServedCli | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

async function outputs(code: string, runs: number): Promise<(string | null | undefined)[]> {
  const found: (string | null | undefined)[] = [];
  for (let run = 0; run < runs; run += 1)
    found.push((await served?.run({ language: 'python', code }))?.run_result?.stdout);
  return found;
}

/** More than wait for a program at once, so that each of their networks has its turn. */
const ENOUGH = 12;
const NETWORK = 'import os; print(os.readlink("/proc/self/ns/net"))';
/** What earlier sockets leave: connections that wait for their end, names, and counts of packets. */
const TRACES = `def lines(name): return open("/proc/net/" + name).read().splitlines()[1:]
print(lines("tcp") + lines("udp") + lines("unix"), [line.split()[2] for line in lines("dev")[1:]])`;

const LEAVES_TRACES = {
  'a connection': `import socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
server.accept()[0].close()
client.close()
print("left")`,
  'sockets that hold each other, and so wait for the kernel to find them': `import array, socket
for index in range(50):
    pair = socket.socketpair(), socket.socket(socket.AF_UNIX)
    pair[1].bind("\\0left%d" % index)
    rights = array.array("i", [pair[0][0].fileno(), pair[0][1].fileno(), pair[1].fileno()])
    for each in pair[0]: each.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
print("left")`,
};

test.each(Object.entries(LEAVES_TRACES))(
  'programs have the network of an earlier one, but not of one that made %s',
  async (_, code) => {
    served = await serveWarm(1);
    const networks = new Set(await outputs(NETWORK, ENOUGH));
    expect([...networks].length).toBeLessThan(ENOUGH / 2);
    expect(await outputs(code, 2)).toEqual(['left\n', 'left\n']);
    expect(await outputs(TRACES, ENOUGH)).toEqual(Array(ENOUGH).fill("[] ['0']\n"));
    const folder = `/proc/${makerOf(served)}/fd`;
    const kept = readdirSync(folder).filter((fd) => readlinkSync(`${folder}/${fd}`).startsWith('net:'));
    expect(kept.length).toBeLessThan(ENOUGH / 2);
  },
);

/** seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER) of a filter that allows all; below it, there can be no other. */
const BELOW_LISTENER = `import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7fff0000))
libc.prctl(38, 1, 0, 0, 0)
number = {"x86_64": 317, "aarch64": 277}[os.uname().machine]
assert libc.syscall(number, 1, 8, struct.pack("HxxxxxxP", 1, ctypes.addressof(code))) >= 0
os.execvp(sys.argv[1], sys.argv[1:])`;

test('where nothing can hear of sockets, each program has a network of its own, and still runs warm', async () => {
  served = await serveWarm(1, ['python3', '-c', BELOW_LISTENER]);
  expect(await parentIn(served)).toBe('0\n');
  expect(await outputs(LEAVES_TRACES['a connection'], 2)).toEqual(['left\n', 'left\n']);
  expect(await outputs(TRACES, ENOUGH)).toEqual(Array(ENOUGH).fill("[] ['0']\n"));
});

const INTERRUPTED = `import os, signal, socket
failed = []
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for _ in range(2000):
    try: socket.socket().close()
    except InterruptedError: failed.append(1)
print(os.getppid(), len(failed))`;

test('a signal does not keep a program from making a socket', async () => {
  served = await serveWarm(1);
  expect(await outputs(INTERRUPTED, 2)).toEqual(['1 0\n', '1 0\n']);
});

const CHANGES_MODES = `import os
changed = []
for folder, _, names in os.walk("/proc/self/net"):
    for name in names:
        try: os.chmod(os.path.join(folder, name), 0)
        except OSError: continue
        changed.append(name)
print(os.getppid(), changed)`;

test.each([
  ['root', []],
  ['a user', asUser(newUser())],
])('what the kernel shows of a network is nothing that a program can change, as %s', async (_, before) => {
  served = await serveWarm(1, before);
  expect(await outputs(CHANGES_MODES, 2)).toEqual(['0 []\n', '0 []\n']);
});

/** Until the kernel lets the user have no more on their way. */
const SENDS_DESCRIPTORS = `import array, socket, time
rights = array.array("i", [socket.socket(socket.AF_UNIX).fileno()] * 250)
kept = []
try:
    while True:
        pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        kept.append(pair)
        pair[0].setblocking(False)
        try:
            while True: pair[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        except BlockingIOError: pass
except OSError: print("sent", flush=True)
time.sleep(30)`;

test('a program that has many descriptors on their way makes no other one cold', async () => {
  served = await serveWarm(2, asUser(newUser()));
  const over = new AbortController();
  const sends = served
    .run({ language: 'python', code: SENDS_DESCRIPTORS }, over.signal)
    .catch(() => undefined);
  const { url } = served;
  const running = async () => (await (await fetch(`${url}/v1/capacity`)).json()) as { running?: number };
  await expect.poll(async () => (await running()).running).toBe(1);
  expect(await outputs('import os; print(os.getppid())', ENOUGH)).toEqual(Array(ENOUGH).fill('0\n'));
  over.abort();
  await sends;
});
