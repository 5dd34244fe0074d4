import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, ownedFolder, startLab } from '../support/lab.js';
import { until } from '../support/until.js';
import { environment, jobOf, onlyUrl, python } from './servers.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.down());

const one = (fleet: string, node: string): string[] => ['--fleet', fleet, '--nodes', '1', '--nodelist', node];

/** Lines that a program writes into its server's own output, as the server logs every command. */
const spill = (lines: number): string => `
import os
with open(f"/proc/{os.getppid()}/fd/1", "w") as log:
    for i in range(${lines}):
        log.write(f"line {i:06d} ".ljust(99, "x") + "\\n")
`;

test('what a server prints keeps to --log-cap, and no line is lost but the oldest', async () => {
  const cap = 64 * 1024;
  const url = onlyUrl(await lab.deploy([...one('capped', 'node1'), '--workers', '1', '--log-cap', '64K']));
  await python(url, spill(2000));
  const log = join(lab.users[0].home, `logs/sandbox-${await jobOf(lab, 'capped')}.log`);
  const kept = async () =>
    `${await readFile(`${log}.1`, 'utf8').catch(() => '')}${await readFile(log, 'utf8')}`;
  await until('the last line', async () => (await kept()).includes('line 001999'));
  const numbers = [...(await kept()).matchAll(/^line (\d+) x+$/gm)].map((match) => Number(match[1]));
  const [first = 0] = numbers;
  expect(numbers).toEqual(Array.from({ length: 2000 - first }, (_, i) => first + i));
  expect(numbers.length).toBeGreaterThan(cap / 2 / 100);
  expect((await stat(log)).size + (await stat(`${log}.1`)).size).toBeLessThanOrEqual(cap);
});

test("a server's last words stand in its log when the job has ended", async () => {
  const log = join(lab.users[0].home, `logs/sandbox-${await jobOf(lab, 'capped')}.log`);
  const url = JSON.parse((await lab.sandboxctl(['endpoints', '--fleet', 'capped'])).stdout).endpoints[0].url;
  await python(url, `${spill(3).replace('line', 'last words')}\nos.kill(os.getppid(), 9)`).catch(
    () => undefined,
  );
  await until('the end of the job', async () => (await jobOf(lab, 'capped')) === '');
  const text = await readFile(log, 'utf8');
  expect(text).toContain('last words 000002');
  expect(text).toMatch(/make: \*\*\* \[Makefile:\d+: run-online\] Killed/);
});

test('a full disk under the log does not block the server', { tags: 'matrix' }, async () => {
  const logs = await ownedFolder(join(lab.shared, 'full'), lab.users[0]);
  const { uid, gid } = lab.users[0];
  const mount = ['mount', '-t', 'tmpfs', '-o', `size=64k,uid=${uid},gid=${gid}`, 'full', logs];
  expect((await lab.onNode('node2', mount, { user: 'root' })).code).toBe(0);
  const argv = [...one('full', 'node2'), '--workers', '1', '--output', join(logs, '%A_%a.log')];
  const url = onlyUrl(await lab.deploy(argv));
  await python(url, spill(5000));
  expect(await python(url, 'print(6 * 7)')).toBe('42\n');
  const full = await lab.onNode('node2', ['df', '--output=avail', logs]);
  expect(full.stdout).toMatch(/\b0\n$/);
});

test('the template of docs/templates.md brings up a server, also with line breaks of DOS', {
  tags: 'matrix',
}, async () => {
  const page = await readFile(new URL('../../docs/templates.md', import.meta.url), 'utf8');
  const example = /```bash\n(.*?)```/s.exec(page)?.[1] ?? '';
  const path = join(lab.shared, 'mine.hbs');
  await writeFile(path, example.replaceAll('\n', '\r\n'));
  const url = onlyUrl(await lab.deploy([...one('mine', 'node3'), '--template', path]));
  expect((await environment(url)).PORT).toBe('8080');
  await until("the job's own canary", async () =>
    (await lab.sandboxctl(['status', '--fleet', 'mine'])).stdout.includes('1 of 1 ready'),
  );
  const stopped = await lab.sandboxctl(['stop', '--fleet', 'mine', '--yes'], {
    env: { SANDBOXCTL_SETTLE: '1s' },
  });
  expect(stopped.code).toBe(0);
});

test('a template that names nothing known ends with 3 and the place', async () => {
  const path = join(lab.shared, 'wrong.hbs');
  await writeFile(path, 'true\n  {{#if nosuch}}{{/if}}\n');
  const told = await lab.deploy([...one('wrong', 'node4'), '--template', path]);
  expect(told.code).toBe(3);
  expect(told.stderr).toContain(`${path}:2:9: "nosuch" is no value of a template`);
  expect(await jobOf(lab, 'wrong')).toBe('');
});
