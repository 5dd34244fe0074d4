import { expect } from 'vitest';
import type { RunCodeRequest, RunCodeResponse } from '../../../../src/api/wire.js';
import type { Attempt } from './attempt.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const content = (answer: RunCodeResponse, path: string) =>
  Buffer.from(answer.files?.[path] ?? '', 'base64').toString();

function asks(name: string, request: Partial<RunCodeRequest>, check?: Attempt['check']): Attempt {
  const whole = { language: 'python', code: 'print("END")', run_timeout: 10, ...request };
  return { name, request: () => whole, ...(check && { check }) };
}

const refusedFile = (answer: RunCodeResponse) => {
  expect(answer.status).toBe('SandboxError');
  expect(answer.run_result).toBeNull();
};
const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`many/${index}`, 'eA==']));

/** Requests that are hostile before any program runs, and programs that lie to who runs them. */
export const ASKING: readonly Attempt[] = [
  asks('a file above its folder', { files: { '../../../../etc/sandboxctl-wall': 'eA==' } }, refusedFile),
  asks('a file at an absolute path', { files: { '/usr/bin/sandboxctl-wall': 'eA==' } }, refusedFile),
  asks('a file in place of a program', { files: { '/bin/sh': 'eA==', '/bin/bash': 'eA==' } }, refusedFile),
  asks('a file in the root', { files: { '/sandboxctl-wall': 'eA==' } }, refusedFile),
  asks('a file in the server folder', { files: { '/proc/1/root/sandboxctl-wall': 'eA==' } }, refusedFile),
  asks('a file in /dev', { files: { '/dev/null': base64('x') } }),
  asks('a file whose name is a folder', { files: { 'a/b': 'eA==', a: 'eA==' } }, refusedFile),
  asks('a file without a name', { files: { '': 'eA==' } }, refusedFile),
  asks('a name with a NUL', { files: { 'a\0b': 'eA==' } }, refusedFile),
  asks('a name of 5,000 characters', { files: { ['n'.repeat(5000)]: 'eA==' } }, refusedFile),
  asks('broken base64', { files: { a: '!!!notb64' } }, refusedFile),
  asks(
    'names with newlines, quotes, spaces and a leading dash',
    {
      files: {
        'a\nb': base64('1'),
        '-rf $(touch x) \'"': base64('2'),
        '--checkpoint-action=exec=id': base64('3'),
      },
      code: 'import os\nprint(sorted(os.listdir(".")))',
      fetch_files: ['a\nb', '-rf $(touch x) \'"', '--checkpoint-action=exec=id'],
    },
    (answer) => {
      expect(Object.keys(answer.files ?? {}).map((path) => content(answer, path))).toEqual(['1', '2', '3']);
    },
  ),
  asks(
    '10,000 files, in and out',
    { files: many, fetch_files: Object.keys(many), run_timeout: 20 },
    (answer) => expect(Object.keys(answer.files ?? {})).toHaveLength(10_000),
  ),
  asks(
    'fetches by a symbolic link',
    {
      code: 'import os\nos.symlink("/etc/shadow", "s")\nos.symlink("/etc/hostname", "/tmp/h")\nos.symlink("/", "r")',
      fetch_files: ['s', '/tmp/h', 'r/etc/shadow', 'r/proc/1/environ'],
    },
    (answer) => {
      expect(answer.files).not.toHaveProperty('s');
      expect(answer.files).not.toHaveProperty('r/etc/shadow');
    },
  ),
  asks(
    'fetches from the host',
    {
      fetch_files: [
        '/etc/shadow',
        '../../../../../../root/.ssh/id_ed25519',
        '/proc/self/environ',
        '/run/munge/munge.socket.2',
      ],
    },
    (answer) => expect(answer.files).not.toHaveProperty('/etc/shadow'),
  ),
  asks(
    'fetches pipes, devices, folders and what never ends',
    {
      code: 'import os\nos.mkfifo("pipe")\nos.mkdir("folder")',
      fetch_files: ['pipe', 'folder', '/dev/zero', '/dev/full', '/dev/random', '.'],
    },
    (answer) => expect(answer.files).toEqual({}),
  ),
  asks('changes a file while it is fetched', {
    code: `import os
if os.fork() == 0:
    os.setsid()
    while True: open("f", "w").write("x" * 1000000)
open("f", "w").write("done")`,
    fetch_files: ['f'],
  }),
  asks(
    'puts other tools first on the path',
    {
      code: `import os
os.mkdir("bin")
for name in ("tar", "kill", "sh", "mount"):
    open(f"/tmp/{name}", "w").write("#!/bin/sh\\necho BROKEN\\n")
    os.chmod(f"/tmp/{name}", 0o755)
os.environ["PATH"] = "/tmp"
open("f", "w").write("mine")`,
      fetch_files: ['f'],
    },
    (answer) => expect(content(answer, 'f')).toBe('mine'),
  ),
  asks('code of a megabyte', { code: `x = "${'y'.repeat(2 ** 20)}"\nprint(len(x))` }, (answer) =>
    expect(answer.run_result?.stdout).toBe(`${2 ** 20}\n`),
  ),
  asks('code with NULs', { code: 'print(1)\0' }, (answer) => expect(answer.run_result).not.toBeNull()),
  asks('a lone surrogate', { code: 'print(1)\ud800' }, (answer) =>
    expect(answer).toMatchObject({
      status: 'SandboxError',
      message: expect.stringContaining('surrogates not allowed'),
      sandboxctl: { fault: 'request' },
    }),
  ),
  asks('10 MB of input that nobody reads', { stdin: 'x'.repeat(10_000_000) }, (answer) =>
    expect(answer.status).toBe('Success'),
  ),
  asks('shell words in the names of tools', {
    language: 'java',
    code: 'class Main {}',
    files: { "'; touch /tmp/x; '.jar": 'eA==' },
  }),
];
