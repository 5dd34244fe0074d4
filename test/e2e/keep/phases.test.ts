/** @module-tag matrix */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { someOf } from '../deploy/convergence.js';
import { failures } from '../deploy/killing.js';
import { type Site, startSite, stubServers } from '../deploy/site.js';
import { keeperPhases, NODES, type Phases, REFILL, ROLLOUT } from './phases.js';

const SEED = Number(process.env.SANDBOXCTL_TEST_SEED ?? 1);
const LONG = { timeout: 900_000 };

let site: Site;
let phases: Phases;
beforeAll(async () => {
  site = await startSite({ ...(await stubServers()), config: ['MessageTimeout=3', 'MinJobAge=600'] });
  phases = keeperPhases(site);
});
afterAll(() => site?.down());

it.each([REFILL, ROLLOUT])(
  `a keeper killed in a $name at 6 points (seed ${SEED}) forgets nothing and doubles nothing`,
  LONG,
  async (work) => {
    expect(await phases.play(work, someOf(6, SEED))).toEqual([]);
  },
);

it('a deploy killed while it goes back to the spec before ends where another one says', LONG, async () => {
  await phases.deployed('back');
  const whole = phases.badDeploy('back');
  expect((await whole.ended).code).toBe(5);
  const points = await whole.points();
  // The changed spec is recorded first, and then the one before again.
  const recorded = points.flatMap((name, at) => (name.endsWith('rename to spec.json') ? [at] : []));
  expect(recorded).toHaveLength(4);
  const chosen = points.flatMap((name, at) =>
    at >= (recorded[1] ?? 0) && /spec.json|sbatch|scancel/.test(name) ? [at + 1] : [],
  );
  const wrong = await failures(chosen, async (k) => {
    const fleet = `back${k}`;
    await phases.deployed(fleet);
    const jobs = await phases.ready(fleet);
    await phases.badDeploy(fleet, { killAt: k }).ended;
    expect([points[k - 1], await phases.ready(fleet)]).toEqual([points[k - 1], jobs]);
    await phases.deploy(fleet);
    expect([points[k - 1], await phases.ready(fleet)]).toEqual([points[k - 1], jobs]);
    await until('no other job', async () => (await site.jobs(fleet)).join() === jobs.join());
    await phases.well(fleet, 'stop', '--yes');
  });
  console.log(`back: ${chosen.length} points`);
  expect(wrong).toEqual([]);
});

it('a keeper that stood still before its sbatch, while deploy took its lock, submits nothing', async () => {
  await phases.deployed('still');
  await REFILL.begin(phases, 'still');
  const keeper = phases.keeper('still', { holdAt: 'after rename to intent.json' });
  await until('the hold', keeper.isHeld);
  await phases.deploy('still');
  await keeper.letGo();
  await until(
    'the next session',
    async () => (await keeper.points()).length > 0 && (await phases.isDone('still', NODES + 1)),
  );
  await phases.done('still', NODES + 1);
  expect(await keeper.end()).toContain('another command took over fleet still');
});

it.each(['before sbatch', 'during sbatch', 'after sbatch', 'during scancel', 'before squeue'])(
  'a controller that hangs %s costs no job and doubles none',
  async (point) => {
    const fleet = `hangs-${point.replace(' ', '-')}`;
    const work = point.endsWith('scancel') ? ROLLOUT : REFILL;
    await phases.deployed(fleet);
    await work.begin(phases, fleet);
    const keeper = phases.keeper(fleet, { holdAt: point });
    await until('the hold', keeper.isHeld);
    site.lab.controller.freeze();
    await keeper.letGo();
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    site.lab.controller.thaw();
    await phases.done(fleet, work.jobsEver);
    await keeper.end();
    await phases.well(fleet, 'stop', '--yes');
  },
);
