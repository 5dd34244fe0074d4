import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Machine, newMachine } from '../deploy/local/machine.js';

let machine: Machine;
beforeAll(async () => {
  machine = await newMachine();
});
afterAll(() => machine?.leave());

const fleetFile = (fleet: string, ...path: string[]) => join(machine.folder, 'state/fleets', fleet, ...path);

/** A file as it is when nobody has touched it for so many days. */
async function old(path: string, days: number, text = '{}'): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  const then = Date.now() / 1000 - days * 86_400;
  await utimes(path, then, then);
  return path;
}

async function deploy(fleet: string): Promise<void> {
  const ended = await machine.sandboxctl(['deploy', '--fleet', fleet, '--nodes', '1', '--drain', '0']);
  expect(ended.code, ended.stderr).toBe(0);
}

const exists = async (path: string) =>
  (await readdir(join(path, '..')).catch((): string[] => [])).includes(path.split('/').at(-1) ?? '');

it('gc lists what belongs to no fleet, removes it after confirmation, and nothing else', async () => {
  await deploy('live');
  await deploy('lost');
  const [orphan] = await machine.endpoints('lost');
  const [kept] = await machine.endpoints('live');
  await machine.forget('lost');
  const record = {
    id: 'abc',
    instances: [0],
    jobId: '99',
    hash: 'x',
    closed: true,
    createdAt: '2020-01-01T00:00:00Z',
  };
  const leftovers = [
    await old(fleetFile('live', 'registrations/99_0.json'), 1),
    await old(fleetFile('live', 'environment-0123abcd.sh'), 1),
    await old(fleetFile('live', '.endpoints.json.host.1234.tmp'), 1),
    await old(fleetFile('live', 'gateways/host-8080.json'), 1, '{"host":"elsewhere","pid":1}'),
    await old(fleetFile('live', 'events.ndjson.1'), 40),
    await old(join(machine.folder, 'state/images/.box.sqsh.0123456789ab.tmp'), 1),
  ];
  const submission = await old(fleetFile('live', 'submissions/abc/intent.json'), 9, JSON.stringify(record));
  const others = [
    // Of others, or of today.
    await old(join(machine.folder, 'state/images/.box.sqsh.backup'), 100),
    await old(fleetFile('live', 'notes.txt'), 400),
    await old(fleetFile('live', '.fresh.host.1234.tmp'), 0),
    await old(fleetFile('live', 'hooks.log.1'), 5),
  ];
  const listed = await machine.sandboxctl(['gc']);
  expect(listed.code, listed.stderr).toBe(0);
  for (const each of [...leftovers.slice(0, 5), submission.replace('/intent.json', '')])
    expect(listed.stdout).toContain(each);
  expect(listed.stdout).toContain(join(machine.folder, 'state/images/box.sqsh'));
  expect(listed.stdout).toMatch(new RegExp(`^job +${orphan?.job_id} +no state folder has fleet lost`, 'm'));
  expect(listed.stdout).not.toContain(kept?.job_id);
  for (const each of others) expect(listed.stdout).not.toContain(each);
  expect(listed.stderr).toContain("8 items found, none removed: 'sandboxctl gc --yes' removes them");
  for (const each of leftovers) expect([each, await exists(each)]).toEqual([each, true]);

  const removed = await machine.sandboxctl(['gc', '--yes']);
  expect([removed.code, removed.stderr]).toEqual([0, expect.stringContaining('8 of 8 removed')]);
  for (const each of [...leftovers, submission]) expect([each, await exists(each)]).toEqual([each, false]);
  for (const each of others) expect([each, await exists(each)]).toEqual([each, true]);
  expect((await machine.endpoints('live')).map(({ job_id }) => job_id)).toEqual([kept?.job_id]);
  expect((await machine.sandboxctl(['status', '--fleet', 'live'])).stdout).toContain('1 of 1 ready');
  const again = await machine.sandboxctl(['gc']);
  expect([again.code, again.stdout, again.stderr]).toEqual([0, '', 'nothing to remove\n']);
});

it('gc does not end a fleet whose spec cannot be read, and removes no folder that no fleet has made', async () => {
  const spec = await readFile(fleetFile('live', 'spec.json'), 'utf8');
  await writeFile(fleetFile('live', 'spec.json'), '{"schema_version":2}');
  const note = await old(fleetFile('notes', 'note.txt'), 90);
  const file = await old(join(machine.folder, 'state/fleets/list'), 90);
  const then = Date.now() / 1000 - 90 * 86_400;
  await utimes(fleetFile('notes'), then, then);
  expect((await machine.sandboxctl(['gc', '--yes'])).code).toBe(0);
  expect([await exists(note), await exists(file)]).toEqual([true, true]);
  await writeFile(fleetFile('live', 'spec.json'), spec);
  expect((await machine.sandboxctl(['status', '--fleet', 'live'])).stdout).toContain('1 of 1 ready');
});

it('a fleet that was stopped long ago is removed, one that was stopped today stays', async () => {
  await deploy('long-ago');
  for (const fleet of ['live', 'long-ago'])
    expect((await machine.sandboxctl(['stop', '--yes', '--fleet', fleet])).code).toBe(0);
  const then = Date.now() / 1000 - 31 * 86_400;
  await utimes(fleetFile('long-ago', 'spec.json'), then, then);
  expect((await machine.sandboxctl(['gc', '--yes'])).code).toBe(0);
  const fleets = await readdir(join(machine.folder, 'state/fleets'));
  expect(fleets).toContain('live');
  expect(fleets).not.toContain('long-ago');
});

it('gc removes neither a fleet without a spec nor a container while Slurm does not answer; --fleet limits it to one fleet', async () => {
  await old(fleetFile('specless', 'submissions/abc/intent.json'), 90);
  const then = Date.now() / 1000 - 90 * 86_400;
  for (const folder of [fleetFile('specless', 'submissions'), fleetFile('specless')])
    await utimes(folder, then, then);
  const container = join(machine.folder, `sandboxctl-enroot.${process.getuid?.()}.node1.4711.abcdef`);
  await mkdir(container);
  const bin = join(machine.folder, 'no-slurm');
  await mkdir(bin);
  await writeFile(join(bin, 'squeue'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const here = { TMPDIR: machine.folder };
  const away = { ...here, SANDBOXCTL_CLUSTER: 'slurm', PATH: `${bin}:${process.env.PATH}` };
  const unanswered = await machine.sandboxctl(['gc'], away);
  expect(unanswered.stderr).toContain('does not answer');
  for (const each of ['specless', container]) expect(unanswered.stdout).not.toContain(each);
  const answered = await machine.sandboxctl(['gc'], here);
  for (const each of ['specless', container]) expect(answered.stdout).toContain(each);
  const one = await machine.sandboxctl(['gc', '--yes', '--fleet', 'specless'], here);
  expect(one.stderr).toContain('1 of 1 removed');
  expect([await exists(fleetFile('specless')), await exists(container)]).toEqual([false, true]);
});
