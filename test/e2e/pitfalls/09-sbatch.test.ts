/** @module-tag matrix */
import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containerTools } from '../../cluster/container-tools.js';
import { python } from '../../script/servers.js';
import { type Lab, startLab } from '../../support/lab.js';
import { binWith, until } from './manual-setup.js';

let lab: Lab;
let bin: string;
beforeAll(async () => {
  // Says when it is called, and waits with the real one until it may.
  bin = await binWith(
    'sbatch',
    '#!/bin/sh\n: >"$HOME/asked"\nuntil [ -e "$HOME/go" ]; do sleep 0.05; done\nexec /usr/bin/sbatch "$@"\n',
  );
  const { binFolder } = await containerTools();
  lab = await startLab({ nodes: 2, loginPath: [bin, binFolder] });
});
afterAll(async () => {
  await lab?.down();
  await rm(bin, { recursive: true, force: true });
});

const jobs = async (name: string): Promise<string[]> => {
  const told = await lab.run(['squeue', '-h', '-r', '-t', 'all', `--name=${name}`, '-o', '%i']);
  return told.stdout.trim().split('\n');
};

/** Freezes the controller while a submission is on its way, as one that hangs for longer than sbatch waits. */
async function hang<T>(submission: () => Promise<T>): Promise<T> {
  const home = lab.users[0].home;
  for (const name of ['asked', 'go']) await rm(join(home, name), { force: true });
  const ended = submission();
  await until('sbatch', async () => existsSync(join(home, 'asked')));
  lab.controller.freeze();
  await writeFile(join(home, 'go'), '');
  // sbatch gives up after ten seconds.
  const thaw = setTimeout(() => lab.controller.thaw(), 13_000);
  try {
    return await ended;
  } finally {
    clearTimeout(thaw);
    lab.controller.thaw();
  }
}

test('fact 9: an sbatch that timed out may have created the job, and a second one creates another', async () => {
  const naive = ['sbatch', '--parsable', '-J', 'naive', '-o', '/dev/null', '--wrap', 'sleep 60'];
  const first = await hang(() => lab.run(naive));
  expect(first.code).toBe(1);
  expect(first.stderr).toContain('Socket timed out on send/recv operation');
  expect((await lab.run(naive)).code).toBe(0);
  expect(
    await until('both', async () => {
      const found = await jobs('naive');
      return found.length === 2 && found;
    }),
  ).toHaveLength(2);
  await lab.run(['scancel', '--name=naive']);

  const deployed = await hang(() => lab.deploy(['--nodes', '2']));
  for (const url of deployed.stdout.trim().split('\n')) expect(await python(url, 'print(9)')).toBe('9\n');
  expect(deployed.stdout.trim().split('\n')).toHaveLength(2);
  expect(await jobs('sandboxctl-sandbox')).toHaveLength(2);
  expect(await readdir(lab.state('fleets/sandbox/submissions'))).toHaveLength(1);
});
