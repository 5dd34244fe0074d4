/** @module-tag matrix */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { startCluster } from './cluster.js';
import { downCluster, processesOf } from './down.js';
import { start } from './execute.js';
import { until } from './hold.js';
import { ask, idle, serve, slotOf, traces } from './probes.js';
import { folderOf } from './record.js';

test('a start that fails half-way leaves nothing', async () => {
  const name = `halfway${process.pid}`;
  await expect(startCluster({ name, nodes: 2, config: ['NoSuchKey=1'] })).rejects.toThrow('slurmctld');
  expect(existsSync(folderOf(name))).toBe(false);
  expect(processesOf(name)).toEqual([]);
});

test('a cluster goes down with its owner, SIGKILL included', async () => {
  const owner = `
    const { startCluster } = await import(${JSON.stringify(new URL('cluster.ts', import.meta.url))});
    const cluster = await startCluster({ nodes: 2 });
    console.log(cluster.name);
    setInterval(() => {}, 1000);`;
  const words = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', owner];
  const child = start([process.execPath, ...words]);
  const told = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.on('data', (data) => (told[stream] += data));
  const name = await until('its cluster', () => {
    if (child.exitCode !== null) throw new Error(`the owner ended:\n${told.stderr}`);
    return told.stdout.trim();
  });
  const slot = await slotOf(name);
  expect(processesOf(name).length).toBeGreaterThan(3);
  child.kill('SIGKILL');
  await until('no trace', async () => (await traces(name, slot)).length === 0);
});

test('down takes what a start left that died before its record was written', async () => {
  const name = `unwritten${process.pid}`;
  await mkdir(folderOf(name), { recursive: true });
  await downCluster(name);
  expect(existsSync(folderOf(name))).toBe(false);
});

test('accounting knows the ends of jobs, and accounts', async () => {
  const cluster = await startCluster({ nodes: 1, accounting: true });
  try {
    const refused = await cluster.run(['sbatch', '-A', 'nobody', '--wrap', 'true']);
    expect(refused.stderr).toContain('Invalid account or account/partition combination specified');
    await cluster.run(['sbatch', '--wrap', 'exit 3']);
    await until('the record', async () => {
      const { stdout } = await cluster.run(['sacct', '-X', '-n', '-P', '-o', 'JobID,State,ExitCode,Account']);
      return stdout === '1000|FAILED|3:0|research\n';
    });
  } finally {
    await cluster.down();
  }
});

test('64 nodes come up, and an array of 64 runs at once', async () => {
  const cluster = await startCluster({ nodes: 64 });
  try {
    expect(await idle(cluster)).toHaveLength(64);
    await serve(cluster);
    const urls = cluster.nodes.map(({ address }) => `http://${address}:8080/`);
    expect(await Promise.all(urls.map(ask))).toEqual(cluster.nodes.map(({ name }) => name));
  } finally {
    await cluster.down();
  }
});
