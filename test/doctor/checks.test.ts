import { readFile } from 'node:fs/promises';
import { describe, expect, it, test } from 'vitest';
import { isExempt } from '../../src/doctor/checks/network.js';
import { FAILURE_RULES } from '../../src/failures/rules/index.js';
import { EXAMPLES } from './examples.js';
import { examined, findings, healthy } from './healthy.js';

it('finds nothing where nothing is wrong, and says each in one line', async () => {
  expect(await findings(healthy())).toEqual([]);
  const lines = (await examined(healthy())).map(({ judgement }) => 'line' in judgement && judgement.line);
  expect(lines.length).toBeGreaterThan(15);
  expect(lines.filter((line) => line === false || line === '' || /\n|undefined|null|NaN/.test(line))).toEqual(
    [],
  );
});

describe('one thing is wrong: its finding and no other', () => {
  test.each(EXAMPLES)('%s', async (rule, facts) => {
    const seen = await findings(facts());
    expect(seen.map(({ id }) => id)).toEqual([rule]);
    const [{ cause = '', matters = '', hint = '' } = {}] = seen;
    // Every blank of its texts is filled.
    for (const text of [cause, matters, hint])
      expect(text).not.toMatch(/\{\w+\}|undefined|null|NaN| {2}|: ?$/);
  });
});

it('without Slurm: one calm line of it, and nothing of its checks', async () => {
  const local = {
    ...healthy(),
    slurm: { kind: 'none' as const, why: 'not on this machine' },
    image: null,
    registry: null,
  };
  local.setup = { ...local.setup, place: 'local' };
  const seen = await examined(local);
  const slurm = seen.filter(({ check }) => check.group === 'slurm').map(({ judgement }) => judgement);
  expect(slurm).toEqual([{ state: 'skipped', line: 'not on this machine' }]);
});

test.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['node1.site.org', '.site.org', true],
  ['node1.site.org', 'site.org', true],
  ['notsite.org', 'site.org', false],
  ['node1', '*', true],
  ['node1', 'localhost, node1:8080', true],
  ['node1', '', false],
])('no_proxy: %s in %j is %s', (host, list, exempt) => {
  expect(isExempt(host, list)).toBe(exempt);
});

test('docs/doctor.md lists every finding, as serious as it is', async () => {
  const page = await readFile(new URL('../../docs/doctor.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `([\w-]+)` \| (\w+) \| (.*) \|$/gm)].map(([, ...cells]) =>
    cells.join(' '),
  );
  const rules = FAILURE_RULES.flatMap(({ id, cause, doctor }) =>
    doctor === undefined ? [] : `${id} ${doctor.severity} ${cause.replaceAll(/\{\w+\}/g, '...')}`,
  );
  expect(listed).toEqual(rules);
});
