/** @module-tag matrix */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onlyUrl, python } from '../../script/servers.js';
import { type Lab, ownedFolder, startLab } from '../../support/lab.js';
import { cancel, guideScript, submit, until } from './manual-setup.js';

let lab: Lab;
let cwd: string;
beforeAll(async () => {
  lab = await startLab({ nodes: 1 });
  cwd = await ownedFolder(join(lab.shared, 'work'), lab.users[0]);
  await ownedFolder(join(cwd, 'logs'), lab.users[0]);
});
afterAll(() => lab?.down());

const VERSION = 'print(open("/root/sandbox/VERSION").read(), end="")';

/** The guide's way: submit, wait until somebody answers on the node's port. */
async function byHand(image: string): Promise<{ job: string; url: string }> {
  const [node] = lab.nodes;
  if (node === undefined) throw new Error('no node');
  const job = await submit(lab, guideScript({ node: node.name, image, cpus: node.cpus }), cwd);
  const url = `http://${node.address}:8080`;
  await until('the server', async () => (await fetch(`${url}/v1/ping`).catch(() => undefined))?.ok);
  return { job, url };
}

test('fact 3: a named container outlives its job, and the next job silently runs its old image', async () => {
  const [old, next] = [
    await lab.addImage('old.sqsh', { marker: 'old' }),
    await lab.addImage('new.sqsh', { marker: 'new' }),
  ];
  const first = await byHand(old);
  expect(await python(first.url, VERSION)).toBe('old\n');
  await cancel(lab, first.job);
  const second = await byHand(next);
  expect(await python(second.url, VERSION)).toBe('old\n');
  await cancel(lab, second.job);
  const none = await byHand('/nonexistent.sqsh');
  expect(await python(none.url, VERSION)).toBe('old\n');
  await cancel(lab, none.job);

  const deploy = (image: string) =>
    lab.sandboxctl(['deploy', '--nodes', '1', '--image', image, '--yes'], {
      env: { SANDBOXCTL_SETTLE: '1s' },
    });
  expect(await python(onlyUrl(await deploy(old)), VERSION)).toBe('old\n');
  expect(await python(onlyUrl(await deploy(next)), VERSION)).toBe('new\n');
  const missing = await deploy('/nonexistent.sqsh');
  expect(missing.code).not.toBe(0);
  expect(missing.stderr).toContain('/nonexistent.sqsh');
});
