import { readdir, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../cluster/hold.js';
import { SETTLE, SHARED, type Site, startSite, stubServers } from './site.js';

let site: Site;
beforeAll(async () => {
  site = await startSite(await stubServers());
});
afterAll(() => site?.down());

const LONG = { timeout: 300_000 };
const sandboxctl = (...argv: string[]) => site.lab.sandboxctl(argv, { env: SETTLE });

async function deploy(fleet: string, nodes: number, ...more: string[]) {
  const argv = ['--fleet', fleet, '--nodes', String(nodes), ...SHARED, ...more];
  return sandboxctl('deploy', '--image', site.lab.image, ...argv);
}

async function deployed(fleet: string, nodes: number, ...more: string[]): Promise<string[]> {
  const result = await deploy(fleet, nodes, ...more);
  expect(result.code, result.stderr).toBe(0);
  return result.stdout.trim().split('\n').sort();
}

// Jobs go on writing there: what comes in the meantime goes in another try.
const forget = (fleet: string) => rm(site.lab.state(`fleets/${fleet}`), { recursive: true, maxRetries: 20 });
/** As a full disk or an editor may leave them. */
async function spoil(fleet: string): Promise<void> {
  await writeFile(site.lab.state(`fleets/${fleet}/spec.json`), '{"schema_ver');
  for (const id of await readdir(site.lab.state(`fleets/${fleet}/submissions`))) {
    await writeFile(site.lab.state(`fleets/${fleet}/submissions/${id}/intent.json`), '');
  }
}
const stopped = async (fleet: string) => {
  expect((await sandboxctl('stop', '--yes', '--fleet', fleet)).code).toBe(0);
  expect(await site.jobs(fleet)).toEqual([]);
};

// Fleets of their own on shared nodes: most of each test is waiting, so they wait together.
describe.concurrent('with the state of a running fleet deleted,', () => {
  it('status and endpoints --check find it, deploy changes nothing, stop ends it', LONG, async () => {
    const urls = await deployed('lost', 2);
    const jobs = await site.jobs('lost');
    await forget('lost');
    // The jobs write their registrations again.
    await until('both in status', async () =>
      (await sandboxctl('status', '--fleet', 'lost')).stdout.includes(
        'fleet lost: 2 of 2 ready (generation 1',
      ),
    );
    const checked = await sandboxctl('endpoints', '--fleet', 'lost', '--check');
    const file = JSON.parse(checked.stdout) as { endpoints: { url: string }[] };
    expect(file.endpoints.map(({ url }) => url).sort()).toEqual(urls);
    await forget('lost');
    expect(await deployed('lost', 2)).toEqual(urls);
    expect(await site.jobs('lost', 'all')).toEqual(jobs);
    await stopped('lost');
  });

  it('truncated files count as deleted', { ...LONG, tags: 'matrix' }, async () => {
    const urls = await deployed('cut', 2);
    const jobs = await site.jobs('cut');
    await spoil('cut');
    expect(await deployed('cut', 2)).toEqual(urls);
    expect(await site.jobs('cut', 'all')).toEqual(jobs);
    await spoil('cut');
    const status = await sandboxctl('status', '--fleet', 'cut');
    expect(status.stdout, status.stderr).toContain('fleet cut: 2 of 2 ready (generation 1');
    await stopped('cut');
  });

  it('deploy with more nodes adds the missing servers', { ...LONG, tags: 'matrix' }, async () => {
    await deployed('grown', 1);
    const jobs = await site.jobs('grown');
    await forget('grown');
    await deployed('grown', 3);
    const grown = await site.jobs('grown');
    expect(grown).toHaveLength(3);
    expect(grown).toEqual(expect.arrayContaining(jobs));
    await stopped('grown');
  });

  it('and without the scripts from Slurm, deploy submits nothing twice, status shows the jobs and stop cancels them', {
    ...LONG,
    tags: 'matrix',
  }, async () => {
    await deployed('strange', 2);
    const jobs = await site.jobs('strange');
    await forget('strange');
    const [array] = (jobs[0] ?? '').split('_');
    // By the job's id: its fleet does not stand in the call.
    await site.tools.fault('scontrol', `[[ $* == "write batch_script ${array}"* ]] && exit 1`);
    const again = await deploy('strange', 2);
    expect(again).toMatchObject({ code: 4, stdout: '' });
    expect(again.stderr).toContain(jobs.join(' '));
    expect(await site.jobs('strange', 'all')).toEqual(jobs);
    const status = await sandboxctl('status', '--fleet', 'strange');
    for (const job of jobs) expect(status.stdout).toContain(job);
    await stopped('strange');
    await site.tools.mend('scontrol');
  });
});

describe.concurrent('a second deploy', () => {
  it('changes nothing about a job that was renamed, and stop cancels it', {
    ...LONG,
    tags: 'matrix',
  }, async () => {
    const urls = await deployed('renamed', 2);
    const jobs = await site.jobs('renamed');
    const [id = ''] = jobs;
    const renamed = await site.lab.run(['scontrol', 'update', `JobId=${id}`, 'JobName=mine']);
    expect(renamed.code, renamed.stderr).toBe(0);
    expect(await site.jobs('renamed')).toEqual(jobs.slice(1));
    const again = await deploy('renamed', 2);
    expect([again.code, again.stderr]).toEqual([0, expect.not.stringMatching(/submitted|gone|cancelled/)]);
    expect(again.stdout.trim().split('\n').sort()).toEqual(urls);
    expect((await sandboxctl('status', '--fleet', 'renamed')).stdout).toContain('2 of 2 ready');
    expect((await sandboxctl('stop', '--yes', '--fleet', 'renamed')).code).toBe(0);
    const left = await site.lab.run(['squeue', '-h', '-r', '-t', 'R', '-o', '%i']);
    expect(left.stdout.split('\n')).not.toContain(id);
  });

  it('replaces only the job that was cancelled by hand', { ...LONG, tags: 'matrix' }, async () => {
    await deployed('filled', 3);
    const [first = '', second = '', third = ''] = await site.jobs('filled');
    await site.lab.run(['scancel', second]);
    await until('its end in status', async () => {
      const { fleets } = JSON.parse((await sandboxctl('status', '--json', '--fleet', 'filled')).stdout);
      return fleets[0].instances[1].state === 'gone' && fleets[0].instances[1].job_id === second;
    });
    const again = await deploy('filled', 3);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/submitted job array \d+ \(1 job\)/);
    const jobs = await site.jobs('filled');
    expect(jobs).toHaveLength(3);
    expect(jobs).toEqual(expect.arrayContaining([first, third]));
    expect(jobs).not.toContain(second);
    // Its array has the task of the instance.
    expect(jobs.find((id) => id !== first && id !== third)).toMatch(/_1$/);
    await stopped('filled');
  });

  it('reports why a job ended that was running when it began', { ...LONG, tags: 'matrix' }, async () => {
    await deployed('replaced', 1);
    const [first = ''] = await site.jobs('replaced');
    // The second job pends until the test lets it start, so that the deploy waits.
    await site.tools.fault('sbatch', 'exec "$REAL" --begin=now+1hour "$@"', 'replaced');
    const more = site.deploying('replaced', ['--nodes', '2', ...SHARED]);
    await more.says(/submitted job array \d+ \(1 job\)/);
    await site.lab.run(['scancel', first]);
    await more.says(new RegExp(`job ${first} of .* has ended: .*cancelled.*; another job is submitted`));
    await site.tools.mend('sbatch', 'replaced');
    let ended = false;
    void more.ended.finally(() => {
      ended = true;
    });
    const start = (job: string) => site.lab.run(['scontrol', 'update', `JobId=${job}`, 'StartTime=now']);
    await until('the end of the deploy', async () => {
      if (!ended) for (const job of await site.jobs('replaced')) await start(job);
      return ended;
    });
    const { code, stdout, stderr } = await more.ended;
    expect(code, stderr).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    await stopped('replaced');
  });

  it('with another spec shows the changes and asks; --yes replaces all jobs', {
    ...LONG,
    tags: 'matrix',
  }, async () => {
    await deployed('changed', 2);
    const before = await site.jobs('changed');
    const asked = await deploy('changed', 2, '--env', 'A=1');
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toMatch(/env: none -> A=/);
    expect(asked.stderr).toContain('--yes');
    expect(await site.jobs('changed')).toEqual(before);
    await deployed('changed', 2, '--env', 'A=1', '--yes');
    await until('the old ones gone', async () => (await site.jobs('changed')).length === 2);
    for (const id of await site.jobs('changed')) expect(before).not.toContain(id);
    await stopped('changed');
  });

  it('with more nodes adds servers, and with fewer asks and cancels the surplus', {
    ...LONG,
    tags: 'matrix',
  }, async () => {
    await deployed('sized', 1);
    const [first] = await site.jobs('sized');
    await deployed('sized', 3);
    const three = await site.jobs('sized');
    expect(three).toHaveLength(3);
    expect(three).toContain(first);
    const asked = await deploy('sized', 1);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(/nodes: 3 -> 1[\s\S]*2 of its jobs will be cancelled/);
    expect(await site.jobs('sized')).toEqual(three);
    await deployed('sized', 1, '--yes');
    expect(await site.jobs('sized')).toEqual([first]);
    await stopped('sized');
  });
});
