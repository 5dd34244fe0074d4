import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Machine, newMachine } from './machine.js';

let machine: Machine;
let spec: string;
beforeAll(async () => {
  machine = await newMachine();
  spec = join(machine.folder, 'state/fleets/sandbox/spec.json');
  const deployed = await machine.sandboxctl(['deploy', '--nodes', '1', '--env', 'A=1', '--drain', '0']);
  expect(deployed.code, deployed.stderr).toBe(0);
});
afterAll(() => machine?.leave());

const read = async () => JSON.parse(await readFile(spec, 'utf8')) as Record<string, unknown>;
const jobs = async () => (await machine.endpoints('sandbox')).map(({ job_id }) => job_id).sort();
const damagedFiles = async () =>
  (await readdir(join(spec, '..'))).filter((name) => name.startsWith('spec.json.damaged')).sort();

it('a damaged spec.json is reported, kept under another name and replaced by the spec of the running jobs', async () => {
  const good = await read();
  const before = await jobs();
  await writeFile(spec, '{"schema_ver');
  const status = await machine.sandboxctl(['status']);
  expect(status.stdout).toContain('fleet sandbox: 1 of 1 ready (generation 1');
  expect(status.stderr).toContain(`${spec} is damaged (it is not a JSON object)`);
  expect(await readFile(spec, 'utf8')).toBe('{"schema_ver');

  const scaled = await machine.sandboxctl(['scale', '2']);
  expect(scaled.code, scaled.stderr).toBe(0);
  expect(scaled.stderr).toContain(
    `${spec} is damaged (it is not a JSON object): it is kept as ${spec}.damaged;`,
  );
  expect(await read()).toEqual({ ...good, nodes: 2, generation: 2 });
  expect(await jobs()).toEqual(expect.arrayContaining(before));
  expect(await readFile(`${spec}.damaged`, 'utf8')).toBe('{"schema_ver');
});

it('every command that changes the fleet does so, and stop leaves no damaged spec.json behind', {
  tags: 'matrix',
}, async () => {
  for (const argv of [
    ['renew', '--yes', '--drain', '0'],
    ['keep', '--once'],
    ['deploy', '--nodes', '2', '--env', 'A=1'],
  ]) {
    const found = (await damagedFiles()).length;
    await writeFile(spec, '');
    const result = await machine.sandboxctl(argv);
    expect([argv, result.code, result.stderr]).toEqual([
      argv,
      0,
      expect.stringContaining('is damaged (it is empty)'),
    ]);
    expect(await read()).toMatchObject({ nodes: 2, job: { env: [expect.objectContaining({ key: 'A' })] } });
    expect(await damagedFiles()).toHaveLength(found + 1);
  }
  const running = await jobs();
  await writeFile(spec, 'null');
  const checked = await machine.sandboxctl(['endpoints', '--check']);
  expect(checked.stderr).toContain(`${spec} is damaged`);
  expect(await jobs()).toEqual(running);
  const stopped = await machine.sandboxctl(['stop', '--yes', '--drain', '0']);
  expect([stopped.code, stopped.stderr]).toEqual([0, expect.stringContaining('2 jobs are gone')]);
  expect(await read()).toMatchObject({ nodes: 0 });
  await writeFile(spec, '[]');
  const again = await machine.sandboxctl(['stop']);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('is damaged')]);
  expect(await readdir(join(spec, '..'))).not.toContain('spec.json');
});

it('without a recorded job, commands that need the spec name the damaged file; deploy keeps it and begins anew', {
  tags: 'matrix',
}, async () => {
  await writeFile(spec, '{"fleet":"sandbox"}');
  for (const argv of [['scale', '2'], ['renew'], ['keep', '--once']]) {
    const result = await machine.sandboxctl(argv);
    expect([argv, result.code, result.stderr]).toEqual([
      argv,
      3,
      expect.stringContaining(`${spec}: fields of a spec are missing`),
    ]);
  }
  const deployed = await machine.sandboxctl(['deploy', '--nodes', '1']);
  expect([deployed.code, deployed.stderr]).toEqual([0, expect.stringContaining('is damaged')]);
  expect(await read()).toMatchObject({ nodes: 1 });
});

it('a spec.json of a newer version stays as it is: commands end with 3 and name it, status shows the other fleets', {
  tags: 'matrix',
}, async () => {
  const newer = JSON.stringify({ ...(await read()), schema_version: 2 });
  await writeFile(spec, newer);
  const running = await jobs();
  for (const argv of [
    ...[['deploy', '--nodes', '1'], ['scale', '2'], ['renew'], ['keep', '--once'], ['stop', '--yes']],
    ...[['status'], ['endpoints', '--check']],
  ]) {
    const result = await machine.sandboxctl(argv);
    expect([argv, result.code, result.stderr]).toEqual([
      ...[argv, 3],
      expect.stringContaining(`${spec} was written by a newer version of sandboxctl`),
    ]);
  }
  const other = await machine.sandboxctl(['deploy', '--fleet', 'other', '--nodes', '1']);
  expect(other.code, other.stderr).toBe(0);
  const status = await machine.sandboxctl(['status']);
  expect([status.code, status.stdout]).toEqual([0, expect.stringContaining('fleet other: 1 of 1 ready')]);
  expect(status.stderr).toContain('warning: fleet sandbox is left out');
  const collected = await machine.sandboxctl(['gc', '--yes']);
  expect([collected.code, collected.stderr]).toEqual([0, expect.stringContaining('newer version')]);
  expect(await readFile(spec, 'utf8')).toBe(newer);
  expect(await jobs()).toEqual(running);
  await writeFile(spec, JSON.stringify({ ...JSON.parse(newer), schema_version: 1 }));
});
