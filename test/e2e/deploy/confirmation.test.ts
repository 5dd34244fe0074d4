import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Result } from '../../cluster/execute.js';
import { SHARED, type Site, startSite, stubServers } from './site.js';
import { deploy, QUICK } from './user.js';

/** As text: the cluster's users may not be able to read where the tests lie. */
const TERMINAL = readFileSync(
  fileURLToPath(new URL('../../cli/programs/terminal.py', import.meta.url)),
  'utf8',
);

let site: Site;
beforeAll(async () => {
  site = await startSite(await stubServers());
  const deployed = await deploy(site.lab, ['--nodes', '2', ...SHARED]);
  expect(deployed.code, deployed.stderr).toBe(0);
});
afterAll(() => site?.down());

/** Runs sandboxctl on a terminal and answers its question; stdout is all that the terminal got. */
function answering(answer: string, ...argv: string[]): Promise<Result> {
  const words = ['100', '30', '[y/N]', answer, 'sandboxctl', ...argv];
  return site.lab.run(['python3', '-c', TERMINAL, ...words], { env: QUICK, timeoutMs: 240_000 });
}
const deploying = (answer: string, ...argv: string[]) =>
  answering(answer, 'deploy', '--image', site.lab.image, ...SHARED, ...argv);

test.each([
  ['n', 'n\\n'],
  ['Enter', '\\n'],
  ['the end of input', '\\x04'],
])('another spec shows what changes; %s changes nothing', { tags: 'matrix' }, async (_what, answer) => {
  const jobs = await site.jobs('sandbox');
  const asked = await deploying(answer, '--nodes', '2', '--workers', '3');
  expect(asked.code).toBe(2);
  expect(asked.stdout).toMatch(
    /fleet sandbox exists already, and this changes it:\s+workers: 1 -> 3\s+All 2 of its jobs will be replaced\.[\s\S]*Continue\?/,
  );
  expect(asked.stdout).toContain('nothing was changed');
  expect(await site.jobs('sandbox')).toEqual(jobs);
});

test('deploy with fewer nodes asks: Ctrl-C changes nothing, y cancels the surplus', async () => {
  const [kept, ...others] = await site.jobs('sandbox');
  expect(await deploying('\\x03', '--nodes', '1')).toMatchObject({ code: 130 });
  expect(await site.jobs('sandbox')).toEqual([kept, ...others]);
  const fewer = await deploying('y\\n', '--nodes', '1');
  expect(fewer.code, fewer.stdout).toBe(0);
  expect(fewer.stdout).toMatch(/nodes: 2 -> 1\s+1 of its jobs will be cancelled\./);
  expect(await site.jobs('sandbox')).toEqual([kept]);
});

test('deploy with more nodes does not ask; with another spec it asks, and y replaces all jobs', {
  tags: 'matrix',
}, async () => {
  const [one] = await site.jobs('sandbox');
  const more = await deploying('', '--nodes', '2');
  expect(more.code, more.stdout).toBe(0);
  expect(more.stdout).not.toContain('[y/N]');
  const two = await site.jobs('sandbox');
  expect(two).toHaveLength(2);
  expect(two).toContain(one);
  const replaced = await deploying('yes\\n', '--nodes', '2', '--workers', '3');
  expect(replaced.code, replaced.stdout).toBe(0);
  const now = await site.jobs('sandbox');
  expect(now).toHaveLength(2);
  for (const id of now) expect(two).not.toContain(id);
});

test('stop names the jobs it would cancel and asks', async () => {
  const jobs = await site.jobs('sandbox');
  const asked = await answering('\\n', 'stop');
  expect(asked).toMatchObject({ code: 2 });
  expect(asked.stdout).toContain(`fleet sandbox: ${jobs.join(' ')}`);
  expect(asked.stdout).toContain('nothing was stopped');
  expect(await site.jobs('sandbox')).toEqual(jobs);
  expect(await answering('y\\n', 'stop')).toMatchObject({ code: 0 });
  expect(await site.jobs('sandbox')).toEqual([]);
});
