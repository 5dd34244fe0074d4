import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../cluster/hold.js';
import { inParts } from '../../support/parts.js';
import { SETTLE, SHARED, type Site, startSite, stubServers } from './site.js';

let site: Site;
beforeAll(async () => {
  site = await startSite(await stubServers());
  const deployed = await sandboxctl('deploy', '--image', site.lab.image, '--nodes', '2', ...SHARED);
  expect(deployed.code, deployed.stderr).toBe(0);
});
afterAll(() => site?.down());

const LONG = { timeout: 300_000 };
const sandboxctl = (...argv: string[]) => site.lab.sandboxctl(argv, { env: SETTLE });

describe('while squeue fails,', () => {
  afterEach(() => site.tools.mend('squeue'));

  const faults = [
    ['empty once', '(( CALL == 1 )) && exit 0'],
    ['half of a line once', '(( CALL == 1 )) && { "$REAL" "$@" | head -c 40; exit 0; }'],
    ['cut in its last line once', '(( CALL == 1 )) && { "$REAL" "$@" | head -c -3; exit 0; }'],
    ['garbage twice', '(( CALL <= 2 )) && { head -c 300 /dev/urandom; exit 0; }'],
    ['exit 1 without a word twice', '(( CALL <= 2 )) && exit 1'],
    ['an error and exit 0 twice', '(( CALL <= 2 )) && { echo "squeue: error: Zero Bytes" >&2; exit 0; }'],
    ['killed twice', '(( CALL <= 2 )) && kill -KILL $$'],
    ['bad, empty, bad, and good', 'case $CALL in 1|3) exit 1 ;; 2) exit 0 ;; esac'],
  ] as const;

  for (const { rows, tags } of inParts(faults, 2))
    it.each(rows)('%s', { ...LONG, tags }, async (_, fault) => {
      const before = await site.jobs('sandbox', 'all');
      await site.tools.fault('squeue', fault);
      const deployed = await sandboxctl('deploy', '--image', site.lab.image, '--nodes', '2', ...SHARED);
      expect(deployed.code, deployed.stderr).toBe(0);
      expect(deployed.stderr).not.toMatch(/submitted|gone/);
      expect(await site.jobs('sandbox', 'all')).toEqual(before);
    });

  it('status shows all jobs after an empty answer, and fails after a malformed one', {
    ...LONG,
    tags: 'matrix',
  }, async () => {
    await site.tools.fault('squeue', '(( CALL == 1 )) && exit 0');
    expect((await sandboxctl('status')).stdout).toContain('2 of 2 ready');
    await site.tools.fault('squeue', 'echo oops; exit 0');
    expect(await sandboxctl('status')).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('none of its own: oops'),
    });
  });
});

// Fleets of their own, which wait together.
describe.concurrent('when sbatch gives no clear answer,', () => {
  const faults = [
    ['killed after it submitted', '"$REAL" "$@" >/dev/null; kill -KILL $$', 2],
    ['killed before it submitted', '(( CALL == 1 )) && kill -KILL $$', 2],
    ['killed in a wrapper after it submitted', '"$REAL" "$@" >/dev/null; exit 137', 2],
    ['garbage instead of the id', '"$REAL" "$@" | tr 0-9 x; exit 0', 2],
    ['nothing instead of the id', '"$REAL" "$@" >/dev/null; exit 0', 2],
    ['an id with a failure', '"$REAL" "$@"; echo "Connection reset by peer" >&2; exit 1', 2],
  ] as const;

  for (const { rows, tags } of inParts(faults))
    it.each(rows)('%s', { ...LONG, tags }, async (name, fault, submitted) => {
      const fleet = name.replaceAll(' ', '-').slice(0, 32);
      await site.tools.fault('sbatch', fault, fleet);
      const argv = ['deploy', '--image', site.lab.image, '--fleet', fleet, '--nodes', '2', ...SHARED];
      const deployed = await sandboxctl(...argv);
      expect(deployed.code, deployed.stderr).toBe(0);
      expect(deployed.stderr).toContain('sbatch gave no clear answer');
      expect(await site.jobs(fleet)).toHaveLength(2);
      expect(await site.jobs(fleet, 'all')).toHaveLength(submitted);
      expect((await sandboxctl('stop', '--yes', '--fleet', fleet)).code).toBe(0);
      expect(await site.jobs(fleet)).toEqual([]);
    });

  it('deploy --no-wait waits until it knows whether the job exists', {
    ...LONG,
    tags: 'matrix',
  }, async () => {
    await site.tools.fault('sbatch', '"$REAL" "$@" >/dev/null; kill -KILL $$', 'hurry');
    const argv = [
      'deploy',
      '--image',
      site.lab.image,
      '--fleet',
      'hurry',
      '--nodes',
      '2',
      '--no-wait',
      ...SHARED,
    ];
    expect((await sandboxctl(...argv)).code).toBe(0);
    expect(await site.jobs('hurry')).toHaveLength(2);
    expect((await sandboxctl('stop', '--yes', '--fleet', 'hurry')).code).toBe(0);
  });
});

it('deploy retries a scancel that failed before it reports fewer servers', {
  ...LONG,
  tags: 'matrix',
}, async () => {
  const argv = [
    'deploy',
    '--image',
    site.lab.image,
    '--fleet',
    'sandbox',
    '--nodes',
    '1',
    '--yes',
    ...SHARED,
  ];
  await site.tools.fault('scancel', '(( CALL == 1 )) && { echo "scancel: error: no" >&2; exit 1; }');
  const deployed = await sandboxctl(...argv);
  await site.tools.mend('scancel');
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(deployed.stderr).toContain('scancel: error: no');
  expect(await site.jobs('sandbox')).toHaveLength(1);
});

it('deploy waits for an unanswered sbatch also of a fleet that had jobs before', {
  ...LONG,
  tags: 'matrix',
}, async () => {
  const argv = ['deploy', '--image', site.lab.image, '--fleet', 'older', '--nodes', '2', ...SHARED];
  expect((await sandboxctl(...argv)).code).toBe(0);
  await site.lab.run(['scancel', '--name=sandboxctl-older']);
  await until('their end', async () => (await site.jobs('older')).length === 0);
  const before = await site.jobs('older', 'all');
  // The jobs come when sbatch is gone, as from a controller that was away.
  await site.tools.fault('sbatch', '(sleep 1; "$REAL" "$@") >/dev/null 2>&1 & kill -KILL $$', 'older');
  const again = await sandboxctl(...argv);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).toContain('sbatch gave no clear answer');
  expect(await site.jobs('older')).toHaveLength(2);
  expect(await site.jobs('older', 'all')).toHaveLength(before.length + 2);
});

describe('while Slurm does not answer,', () => {
  afterEach(() => site.tools.mend('squeue'));
  const words = 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)';

  it('stop of an unknown fleet ends and says what it could not check', {
    ...LONG,
    tags: 'matrix',
  }, async () => {
    await site.tools.fault('squeue', `echo "${words}" >&2; exit 1`);
    expect(await sandboxctl('stop', '--yes', '--fleet', 'nobody')).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringMatching(
        /^error: Slurm does not answer, and the state folder has no jobs of fleet nobody: .*\n {2}slurm_load_jobs error: .*\nhint: run 'sandboxctl stop .*--fleet nobody' again/,
      ),
    });
  });

  it('endpoints still lists the running servers', LONG, async () => {
    await site.tools.fault('squeue', `echo "${words}" >&2; exit 1`);
    expect((await sandboxctl('endpoints', '--fleet', 'sandbox', '--format', 'txt')).stdout).toMatch(/^http:/);
    expect((await sandboxctl('logs', '0', '--fleet', 'sandbox')).code).toBe(0);
    for (const line of ['status', 'endpoints --check --fleet sandbox']) {
      expect(await sandboxctl(...line.split(' '))).toMatchObject({ code: 4, stdout: '' });
    }
  });
});
