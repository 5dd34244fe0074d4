import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended } from '../../../cli/run.js';
import { until } from '../../../support/until.js';
import { type Machine, newMachine } from './machine.js';

let machine: Machine;
beforeAll(async () => {
  machine = await newMachine();
});
afterAll(() => machine?.leave());

/** Every process below this one's machine that has a file open, by its command line. */
function holders(path: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
        return open.includes(path)
          ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
          : [];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

test('descriptors of the shell that runs deploy reach neither supervisors, jobs nor programs', async () => {
  const lock = join(machine.folder, 'lock');
  writeFileSync(lock, 'held by the caller');
  const careless = ['bash', '-c', 'exec 20<"$0" 200<"$0" 900<"$0"; "$@"', lock];
  const deployed = await ended(
    machine.spawned(['deploy', '--nodes', '1', '--gateway', 'here'], {}, careless),
  );
  expect(deployed.code, deployed.stderr).toBe(0);
  await until('the shell has ended', async () => holders(lock).every((each) => !each.startsWith('bash -c')));
  expect(holders(lock)).toEqual([]);
  const code = 'import os\nprint([each for each in os.listdir("/proc/self/fd") if int(each) > 3])';
  const file = join(machine.folder, 'look.py');
  writeFileSync(file, code);
  expect((await machine.sandboxctl(['run', file])).stdout).toBe('[]\n');
});
