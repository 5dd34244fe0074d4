import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../cluster.js';
import type { Result } from '../execute.js';
import { until } from '../hold.js';
import { slotOf, traces } from '../probes.js';

/** Long enough that a slow machine does what a test does before it is forgotten. */
const REMEMBERED = 6;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, sharedRemembered: REMEMBERED });
});
afterAll(() => cluster?.down());

const login = (script: string): Promise<Result> => cluster.run(['bash', '-c', script]);
const node = (script: string, name = 'node1'): Promise<Result> =>
  cluster.onNode(name, ['bash', '-c', script]);

test('a name that was missing stays missing for a while, but not on another client', async () => {
  expect((await login('cat late')).stderr).toContain('No such file');
  await node('echo there >late');
  expect((await login('cat late')).stderr).toContain('No such file');
  expect((await node('cat late', 'node2')).stdout).toBe('there\n');
  await until('the end of the memory', async () => (await login('cat late')).stdout === 'there\n');
});

test('a listing shows what is there, and from then on the name is found', async () => {
  await login('mkdir box; cat box/late');
  await node('echo there >box/late');
  expect((await login('cat box/late')).code).toBe(1);
  expect((await login('ls box')).stdout).toBe('late\n');
  expect((await login('cat box/late')).stdout).toBe('there\n');
});

test('a stat is answered from memory, an open asks', async () => {
  await node('echo old >grows');
  expect((await login('stat -c %s grows')).stdout).toBe('4\n');
  await node('echo and new >>grows');
  expect((await login('stat -c %s grows')).stdout).toBe('4\n');
  expect((await login('cat grows; stat -c %s grows')).stdout).toBe('old\nand new\n12\n');
});

test('a file renamed over is new for who opens it, old for who asks for it, stale for who holds it', async () => {
  await login('echo old >replaced; mkdir steps');
  const holder = login(
    'exec 3<replaced; touch steps/held; until ls steps | grep -q go; do sleep 0.05; done; cat <&3',
  );
  await until('the holder', async () => (await node('ls steps')).stdout.includes('held'));
  const before = await login('stat -c "%s %i" replaced');
  await node('echo another >draft; mv draft replaced');
  expect(await login('stat -c "%s %i" replaced')).toEqual(before);
  expect((await login('cat replaced')).stdout).toBe('another\n');
  await node('touch steps/go');
  expect((await holder).stderr).toContain('Stale file handle');
});

test('of two clients one alone makes a file, whatever they remember', async () => {
  const make = `python3 -c 'import os; os.write(os.open("only", os.O_CREAT | os.O_EXCL | os.O_WRONLY), b"me")'`;
  expect((await login('cat only')).code).toBe(1);
  expect((await node(make)).code).toBe(0);
  expect((await login(make)).stderr).toContain('FileExistsError');
  expect((await node('cat only')).stdout).toBe('me');
  await login('stat only');
  await node('rm only');
  expect((await login(make)).code).toBe(0);
});

test('what a client removes while it reads it goes on for it alone, under a hidden name', async () => {
  const [user] = cluster.users;
  const { stdout } = await login(
    'echo text >own; exec 3<own; rm own; ls -A ~ | grep -c fuse_hidden; cat <&3',
  );
  expect(stdout).toBe('1\ntext\n');
  expect((await login('ls -A')).stdout).not.toContain('fuse_hidden');
  expect((await login(`stat -c %U ${join(user.home, 'late')}`)).stdout).toBe(`${user.name}\n`);
});

test('with views and who reads through them a cluster goes without a trace', async () => {
  const slot = await slotOf(cluster.name);
  cluster.spawn(['bash', '-c', 'exec 3>busy; sleep 600']);
  await cluster.crash('node2');
  await cluster.boot('node2');
  await cluster.ready(['node2']);
  expect((await node('cat late', 'node2')).stdout).toBe('there\n');
  await cluster.down();
  expect(await traces(cluster.name, slot)).toEqual([]);
});
