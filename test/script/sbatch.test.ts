import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSpecLine } from '../../src/fleet/spec.js';
import { directiveQuote } from '../../src/script/quote.js';
import { type Cluster, startCluster } from '../cluster/cluster.js';
import { NASTY } from './nasty.js';
import { type Changes, own, PLAIN, render, specOf } from './specs.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 1 });
});
afterAll(() => cluster?.down());

async function must(argv: string[], input?: string): Promise<string> {
  const told = await cluster.run(argv, { timeoutMs: 240_000, ...(input === undefined ? {} : { input }) });
  if (told.code !== 0) throw new Error(`${argv.join(' ')}: ${told.stderr}`);
  return told.stdout.trim();
}

/** Neither /tmp nor a folder of root's: the node must see it too. */
const plain = (changes: Changes): string =>
  render(
    { output: join(cluster.users[0].home, '%j.log'), ...changes },
    { submission: PLAIN, template: own('cat "$0"\n') },
  );
const held = (value: string): Changes => ({
  job: { slurm: { args: ['-H'] }, env: [{ key: 'A', value }], image: { path: `/${value}`, sha256: 'x' } },
});

test('sbatch takes values as they are', async () => {
  for (const value of NASTY.filter((text) => !/[\p{Cc}]/u.test(text))) {
    const script = `#!/bin/bash\n#SBATCH -H\n#SBATCH --comment=${directiveQuote(value)}\n`;
    const id = await must(['sbatch', '--parsable'], script);
    const shown = await must(['scontrol', 'show', 'job', id]);
    if (value !== '') expect(shown).toContain(`Comment=${value} \n`);
    await must(['scancel', id]);
  }
});

test('the spec is read back from Slurm, whatever stands in it', { tags: 'matrix' }, async () => {
  for (const value of NASTY) {
    const changes = held(value);
    const id = await must(['sbatch', '--parsable'], plain(changes));
    // Its exit code says nothing (Slurm 22.05): the line is the judge.
    const told = await cluster.run(['scontrol', 'write', 'batch_script', id, '-']);
    expect(parseSpecLine(told.stdout)?.spec.job).toEqual(specOf(changes).job);
    await must(['scancel', id]);
  }
});

test('the log lies where it was asked for, whatever its folder is called', async () => {
  const logs = join(cluster.users[0].home, '100%% \'a\' "b" #c $(d) ,; ünï');
  const folder = logs.replaceAll('%%', '%');
  await must(['mkdir', folder]);
  await must(['sbatch', '--wait', '--parsable'], plain({ output: join(logs, 'x-%A_%a.log') }));
  const [name = ''] = await readdir(folder);
  expect(name).toMatch(/^x-\d+_2\.log$/);
  expect(await readFile(join(folder, name), 'utf8')).toContain('# sandboxctl-spec: ');
});
