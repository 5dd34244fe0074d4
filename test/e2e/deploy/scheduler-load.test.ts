/** @module-tag matrix */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stubFolder } from '../../bench/stub/folder.js';
import { type Site, startSite } from './site.js';
import { endpoints, QUICK, urlsOf } from './user.js';
import type { Wrappers } from './wrappers.js';

let site: Site;
beforeAll(async () => {
  // Jobs look for srun on the PATH of sbatch's caller: here it starts the stub's server, in no container.
  site = await startSite({ nodes: 64, loginPath: [await stubFolder()] });
});
afterAll(() => site?.down());

type Call = Awaited<ReturnType<Wrappers['calls']>>[number];

/** What Slurm is asked while a fleet comes up and while it goes. */
async function asked(nodes: number): Promise<{ deploy: Call[]; stop: Call[] }> {
  const { lab, tools } = site;
  const calls = async (argv: string[]) => {
    await tools.forget();
    const ended = await lab.sandboxctl(argv, { env: QUICK });
    expect(ended.code, ended.stderr).toBe(0);
    return { ended, calls: await tools.calls() };
  };
  const deploy = await calls(['deploy', '--image', lab.image, '--nodes', String(nodes)]);
  expect(new Set(urlsOf(deploy.ended)).size).toBe(nodes);
  const ready = await endpoints(lab);
  expect(new Set(ready.map(({ node }) => node)).size).toBe(nodes);
  const stop = await calls(['stop', '--yes']);
  expect(await site.jobs('sandbox')).toEqual([]);
  return { deploy: deploy.calls, stop: stop.calls };
}

/** Calls of each tool, but for squeue, which is asked by the clock. */
function counts(calls: readonly Call[]): Partial<Record<Call['tool'], number>> {
  const tools = calls.map(({ tool }) => tool).filter((tool) => tool !== 'squeue');
  return Object.fromEntries(
    [...new Set(tools)].sort().map((tool) => [tool, tools.filter((each) => each === tool).length]),
  );
}

test('deploying 64 nodes makes as many Slurm calls as deploying 1', async () => {
  const one = await asked(1);
  const many = await asked(64);
  // The configuration, and the reservations ahead.
  expect(counts(one.deploy)).toEqual({ sbatch: 1, scontrol: 2, sinfo: 1 });
  expect(counts(many.deploy)).toEqual(counts(one.deploy));
  expect(counts(one.stop)).toMatchObject({ scancel: 1 });
  expect(counts(many.stop)).toEqual(counts(one.stop));

  const polls = many.deploy.filter(({ tool }) => tool === 'squeue');
  // One question for the whole fleet, the same for any number of jobs.
  const words = [...one.deploy, ...many.deploy].filter(({ tool }) => tool === 'squeue');
  // But for the mark between the fields, which each call makes up (decision 0007).
  expect(new Set(words.map(({ argv }) => argv.replace(/[0-9a-f]{16}/g, 'MARK'))).size).toBe(1);
  expect(words[0]?.argv).toContain('--name=sandboxctl-sandbox');
  // The one before sbatch, then 1 s after it, and each gap 1.3 times the one before: however slow the
  // machine, none is shorter. A tenth is left to the clocks of who asks and who notes.
  const gaps = polls.slice(1).map(({ at }, i) => at - (polls[i]?.at ?? at));
  expect(gaps.length).toBeGreaterThan(0);
  gaps.forEach((gap, i) => {
    expect(gap, `gap ${i} of ${gaps}`).toBeGreaterThan(0.9 * 1.3 ** Math.max(0, i - 1));
  });
});
