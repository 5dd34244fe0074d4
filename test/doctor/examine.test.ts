import { expect, it } from 'vitest';
import { clock } from '../../src/cli/clock.js';
import { check } from '../../src/doctor/check.js';
import { examine } from '../../src/doctor/examine.js';
import { ok } from '../../src/doctor/judgement.js';
import { SandboxctlError } from '../../src/errors.js';
import { machine } from './healthy.js';

const never = () => new Promise<never>(() => undefined);
const proxies = check('machine', 'proxies', 'Proxies', ['proxies'], () => ok('fine'));
const deps = () => ({ sleep: clock.sleep, signal: new AbortController().signal });

it('a source that hangs or fails is one finding, and keeps no other check from its judgement', async () => {
  const node = check('machine', 'node-js', 'Node', ['here'], () => ok('never'));
  const image = check('image', 'image-file', 'Image', ['image'], () => ok('never'));
  const more = check('machine', 'python', 'Python', ['here', 'proxies'], () => ok('never'));
  const { examined: seen } = await examine(
    [node, more, image, proxies],
    {
      here: { limitMs: 20, gather: never },
      image: { limitMs: 10_000, gather: () => Promise.reject(new Error('EIO: i/o error')) },
      proxies: { limitMs: 10_000, gather: async () => new Map() },
    },
    deps(),
  );
  expect(
    seen.map(({ check: { id }, judgement }) => [
      id,
      'findings' in judgement ? judgement.findings[0]?.words : judgement.line,
    ]),
  ).toEqual([
    ['node-js', 'no answer within 0.02 s'],
    ['image-file', 'EIO: i/o error'],
    ['proxies', 'fine'],
  ]);
});

it('a source that fails with an error of ours is reported with its words and its hint', async () => {
  const parts = {
    what: 'the state folder /s cannot be read',
    detail: 'EACCES',
    hint: 'set SANDBOXCTL_STATE_DIR',
  };
  const gather = () => Promise.reject(new SandboxctlError('config', parts));
  const { examined } = await examine([proxies], { proxies: { limitMs: 10_000, gather } }, deps());
  expect(examined[0]?.judgement).toMatchObject({
    findings: [
      {
        id: 'check-not-possible',
        words: 'the state folder /s cannot be read: EACCES',
        hint: 'set SANDBOXCTL_STATE_DIR',
      },
    ],
  });
});

it('gathers each source once, and only what the checks need', async () => {
  let asked = 0;
  const here = {
    limitMs: 10_000,
    gather: async () => {
      asked += 1;
      return machine();
    },
  };
  const checks = ['one', 'two'].map((id) =>
    check('machine', id, id, ['here'], ({ here: { node } }) => ok(node)),
  );
  const { examined: seen } = await examine(
    [...checks, proxies],
    { here, registry: { limitMs: 1, gather: never } },
    deps(),
  );
  expect(asked).toBe(1);
  expect(seen.map(({ check: { id } }) => id)).toEqual(['one', 'two']);
});

it('an interruption ends it', async () => {
  const stop = new AbortController();
  const going = examine(
    [proxies],
    { proxies: { limitMs: 60_000, gather: never } },
    { ...deps(), signal: stop.signal },
  );
  stop.abort(new Error('stopped'));
  await expect(going).rejects.toThrow('stopped');
});
