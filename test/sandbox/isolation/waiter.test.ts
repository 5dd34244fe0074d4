import { spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { waiter } from '../../../src/sandbox/isolation/lite/waiter.js';
import { executableFile } from '../../../src/sandbox/process/unnamed-file.js';
import { asUser, newUser } from '../../e2e/serve/as-root.js';

const TELLS = 3;

test.runIf(process.arch === 'x64')('where no process can be started, the waiter says so and ends', () => {
  const file = executableFile(waiter('x64') ?? Buffer.alloc(0), () => true) ?? -1;
  const told = (processes: number) => {
    const [tool = '', ...words] = [
      'prlimit',
      `--nproc=${processes}`,
      ...asUser(newUser()),
      '/proc/self/fd/4',
    ];
    const ended = spawnSync(tool, [...words, '', '', '', '/bin/true'], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe', file],
      timeout: 10_000,
      killSignal: 'SIGKILL',
    });
    return [ended.signal, String(ended.output[TELLS])];
  };
  expect(told(100)).toEqual([null, 'EAA\n']);
  expect(told(1)).toEqual([null, 'X\n']);
  closeSync(file);
});
