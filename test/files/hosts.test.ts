import { existsSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../cluster/cluster.js';
import type { Result } from '../cluster/execute.js';
import { until } from '../cluster/hold.js';
import { installSandboxctl } from '../cluster/install-cli.js';
import { collisions } from './journal.js';

/** Two hosts, each with a view of the shared folder that forgets nothing by itself while these tests run. */
let cluster: Cluster;
let home: string;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 1, sharedRemembered: 600 });
  await installSandboxctl(cluster);
  const programs = join(cluster.folder, 'opt/sandboxctl/test/files/programs');
  await mkdir(programs, { recursive: true });
  await cp(join(import.meta.dirname, 'programs'), programs, { recursive: true });
  home = cluster.users[0].home;
});
afterAll(() => cluster?.down());

const program = (name: string, ...args: string[]): string[] => [
  'node',
  join(cluster.folder, `opt/sandboxctl/test/files/programs/${name}.mjs`),
  ...args,
];
const onLogin = (argv: string[]): Promise<Result> => cluster.run(argv, { timeoutMs: 240_000 });
/** In the background of its shell: nsenter stands still with a child that does. */
const onNode = (argv: string[]): Promise<Result> =>
  cluster.onNode('node1', ['bash', '-c', '"$@" & echo $! >pid; wait $!', 'bash', ...argv], {
    env: cluster.env,
    timeoutMs: 240_000,
  });
const signalNode = (signal: string): Promise<Result> =>
  cluster.onNode('node1', ['sh', '-c', `kill -${signal} "$(cat pid)"`]);

test('while one host writes a file as fast as it can, the other reads it whole each time', async () => {
  const path = join(home, 'file');
  expect((await onLogin(['cat', path])).code).toBe(1);
  const writing = onNode(program('writer', path));
  await until('the first one', () => existsSync(path));
  expect(await onLogin(program('reader', path, '100'))).toMatchObject({ code: 0, stderr: '' });
  await signalNode('KILL');
  expect((await writing).code).toBe(137);
});

test('processes of two hosts that race for one lock are never two inside', async () => {
  const [path, journal] = [join(home, 'lock'), join(home, 'journal')];
  await onLogin(['touch', journal]);
  const racer = program('racer', path, journal, '25');
  const ends = await Promise.all([onLogin(racer), onNode(racer), onLogin(racer), onNode(racer)]);
  expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual(Array(4).fill([0, '']));
  const text = await readFile(journal, 'utf8');
  expect(collisions(text)).toEqual([]);
  expect(text.match(/^out/gm)?.length).toBe(100);
});

test('a holder that stood still learns that the other host took its lock', async () => {
  const path = join(home, 'frozen');
  await onLogin(['cat', path]);
  const holding = onNode(program('holder', path));
  await until('the hold', () => existsSync(path));
  await signalNode('STOP');
  const taken = cluster.spawn(program('holder', path));
  // Between two holders there is none.
  const held = () => readFile(path, 'utf8').catch(() => '');
  await until('the other hold', async () => (await held()).includes('"host":"login"'));
  await signalNode('CONT');
  expect(await holding).toMatchObject({ stdout: 'held\nlost\n' });
  taken.stdin?.end('\n');
});
