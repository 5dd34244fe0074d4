import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loader } from '../../../src/sandbox/isolation/lite/loader.js';
import { syscallNames } from '../../../src/sandbox/isolation/lite/syscall-numbers.js';
import { asUser, newUser } from './as-root.js';
import { serveCli, serveFails } from './server.js';

const ALLOW = 0x7fff0000;
const EINVAL = 0x00050016;
const PR_SET_SECCOMP = 22;

/** Of a kernel without seccomp, for all that is started after it: both ways to put a filter on fail. */
function noFilters(): Buffer {
  const numberOf = (name: string) =>
    [...(syscallNames(process.arch) ?? [])].find(([, each]) => each === name)?.[0] ?? -1;
  const program = [
    [0x20, 0, 0, 0], // the number
    [0x15, 3, 0, numberOf('seccomp')],
    [0x15, 0, 3, numberOf('prctl')],
    [0x20, 0, 0, 16], // its first argument
    [0x15, 0, 1, PR_SET_SECCOMP],
    [0x06, 0, 0, EINVAL],
    [0x06, 0, 0, ALLOW],
  ] as const;
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, yes, no, value], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(yes, index * 8 + 2);
    bytes.writeUInt8(no, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  });
  return bytes;
}

let folder: string;
let before: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'no-filter-'));
  chmodSync(folder, 0o755);
  const path = join(folder, 'loader');
  writeFileSync(path, loader(process.arch, noFilters()) ?? '', { mode: 0o755 });
  // Capabilities are given up there: as an ordinary user, who needs none.
  before = [...asUser(newUser()), path];
});

afterAll(() => rmSync(folder, { recursive: true }));

test('serve without a system call filter starts by default, warns, and names what is missing', async () => {
  const server = await serveCli([], { before });
  try {
    expect(server.stderr()).toContain('warning: no seccomp filter can be had here');
    const capacity = await (await fetch(`${server.url}/v1/capacity`)).json();
    expect(capacity).toMatchObject({ isolation: { mode: 'lite', missing: ['seccomp filter'] } });
    const code = 'print([line.split()[1] for line in open("/proc/self/status") if line.startswith("Cap")])';
    const { run_result } = await server.run({ language: 'python', code });
    expect(run_result?.stdout).toBe(`['${Array(5).fill('0'.repeat(16)).join("', '")}']\n`);
  } finally {
    await server.stop();
  }
});

test('serve --isolation lite without a system call filter exits with the tools’ words', async () => {
  const { code, stderr } = await serveFails(['--listen', '127.0.0.1:0', '--isolation', 'lite'], { before });
  expect(code).toBe(4);
  expect(stderr).toContain('error: this machine cannot put a seccomp filter on programs');
  expect(stderr).toMatch(/bwrap: .*\n *unshare: cannot put the seccomp filter on/);
});

test('a fleet’s server with default isolation starts without a system call filter', async () => {
  const env = { SANDBOXCTL_JOB_DEFAULT_ISOLATION: '1' };
  const server = await serveCli(['--isolation', 'lite'], { before, env });
  await server.stop();
  expect(server.stderr()).toContain('warning: no seccomp filter can be had here');
});
