import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { seccompFilter } from '../../../src/sandbox/isolation/lite/seccomp.js';
import { syscallNames } from '../../../src/sandbox/isolation/lite/syscall-numbers.js';
import {
  ALLOWED_SYSCALLS,
  COUNTED_SYSCALLS,
  MISSING_SYSCALLS,
} from '../../../src/sandbox/isolation/lite/syscall-policy.js';
import { runFilter } from './bpf.js';

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const ARCHITECTURES = ['x64', 'arm64'] as const;

function walled(architecture: (typeof ARCHITECTURES)[number], counted = false, asked: string[] = []) {
  const filter = seccompFilter(architecture, counted, asked) ?? Buffer.alloc(0);
  const names = syscallNames(architecture) ?? new Map<number, string>();
  const numbers = new Map([...names].map(([number, name]) => [name, number]));
  const audit = AUDIT[architecture];
  const answer = (number: number, args: number[] = []) => runFilter(filter, { audit, number, args });
  const call = (name: string, args: number[] = []) => answer(numbers.get(name) ?? -1, args);
  return { filter, names, answer, call };
}

test.each(ARCHITECTURES)('every number of %s has the answer of the list', (architecture) => {
  const { names, answer } = walled(architecture);
  const byArgument = new Set([
    'clone',
    'unshare',
    'socket',
    'socketpair',
    'ioctl',
    'personality',
    'prlimit64',
  ]);
  for (let number = 0; number <= 1000; number += 1) {
    const name = names.get(number);
    if (name !== undefined && byArgument.has(name)) continue;
    const known = name !== undefined && !MISSING_SYSCALLS.has(name) && !COUNTED_SYSCALLS.has(name);
    const expected = !known ? ENOSYS : ALLOWED_SYSCALLS.has(name) ? ALLOW : EPERM;
    expect([number, name, answer(number)]).toEqual([number, name, expected]);
  }
  for (const number of [0x40000000, 0x40000027, 0x7fffffff, 0xffffffff]) expect(answer(number)).toBe(ENOSYS);
});

test.each(ARCHITECTURES)('what reaches beyond the sandbox is not on the list of %s', (architecture) => {
  const { call } = walled(architecture);
  for (const name of [
    ...['ptrace', 'process_vm_readv', 'process_vm_writev', 'pidfd_getfd', 'kcmp', 'process_madvise'],
    ...['keyctl', 'add_key', 'request_key', 'bpf', 'perf_event_open', 'userfaultfd'],
    ...['mount', 'umount2', 'pivot_root', 'setns', 'open_tree', 'open_tree_attr', 'mount_setattr', 'fsopen'],
    ...['open_by_handle_at', 'fanotify_init', 'init_module', 'kexec_load', 'syslog'],
  ])
    expect([name, call(name)]).toEqual([name, EPERM]);
  for (const name of ['clone3', 'io_uring_setup', 'memfd_secret']) expect(call(name)).toBe(ENOSYS);
});

test.each(ARCHITECTURES)('memory that no process maps needs a cgroup on %s', (architecture) => {
  const [uncounted, counted] = [walled(architecture), walled(architecture, true)];
  for (const name of ['memfd_create', 'shmget', 'shmat', 'semget', 'semop', 'msgget', 'msgsnd']) {
    expect([name, uncounted.call(name), counted.call(name)]).toEqual([name, ENOSYS, ALLOW]);
  }
});

test.each(ARCHITECTURES)(
  'a listener hears of calls on %s, but not of those that are refused',
  (architecture) => {
    const [plain, asking] = [walled(architecture), walled(architecture, false, ['socket', 'socketpair'])];
    const [vsock, ask] = [40, 0x7fc00000];
    for (const call of [plain.call('socket', [1]), plain.call('socketpair', [1])]) expect(call).toBe(ALLOW);
    for (const call of [asking.call('socket', [1]), asking.call('socketpair', [1])]) expect(call).toBe(ask);
    expect(asking.call('socket', [vsock])).toBe(plain.call('socket', [vsock]));
    for (const name of ['connect', 'read', 'ptrace']) expect(asking.call(name)).toBe(plain.call(name));
  },
);

test.each(ARCHITECTURES)('arguments decide on %s', (architecture) => {
  const { call, filter } = walled(architecture);
  expect(call('clone', [0x00003d0f00])).toBe(ALLOW);
  expect(call('clone', [0x10000000])).toBe(EPERM);
  expect(call('clone', [0x8011])).toBe(EPERM);
  expect(call('unshare', [0x400])).toBe(ALLOW);
  expect(call('unshare', [0x20000])).toBe(EPERM);
  expect([1, 2, 10, 16].map((family) => call('socket', [family]))).toEqual([ALLOW, ALLOW, ALLOW, ALLOW]);
  expect(call('socket', [40])).toBe(0x00050061);
  expect([call('ioctl', [0, 0x5401]), call('ioctl', [0, 0x5412])]).toEqual([ALLOW, EPERM]);
  expect([0, 0xffffffff, 0x40000, 0x8].map((each) => call('personality', [each]))).toEqual(
    Array(4).fill(ALLOW),
  );
  expect([0, 1, 77].map((pid) => call('prlimit64', [pid, 7]))).toEqual([ALLOW, EPERM, ALLOW]);
  expect(call('personality', [0x400000])).toBe(EPERM);
  // Another architecture's calls, as of 32-bit programs.
  expect(runFilter(filter, { audit: 0x40000003, number: 20 })).toBe(ENOSYS);
});

test('there is no filter for an unknown architecture', () => {
  expect(seccompFilter('ppc64', false)).toBeUndefined();
});

const HEADERS = {
  x64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
  arm64: '/usr/include/asm-generic/unistd.h',
};

test.each(ARCHITECTURES.filter((each) => existsSync(HEADERS[each])))(
  "the numbers of %s are the kernel's",
  (architecture) => {
    const names = syscallNames(architecture);
    const lines = readFileSync(HEADERS[architecture], 'utf8').matchAll(
      /^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm,
    );
    const wrong = [...lines].filter(([, name, digits]) => {
      const ours = names?.get(Number(digits));
      return ours !== undefined && ours !== name && !OTHER_NAMES.has(name ?? '');
    });
    expect(wrong.map(([line]) => line)).toEqual([]);
    expect(names?.size).toBeGreaterThan(300);
  },
);

/** The generic header has two names for some numbers. */
const OTHER_NAMES = new Set(['sync_file_range2', 'arch_specific_syscall', 'syscalls']);
