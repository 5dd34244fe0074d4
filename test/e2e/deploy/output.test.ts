import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { FleetEvent } from '../../../src/fleet/events.js';
import type { Result } from '../../cluster/execute.js';
import type { Lab } from '../../support/lab.js';
import { inParts } from '../../support/parts.js';
import { SHARED, type Site, startSite } from './site.js';
import { deploy, endpoints, QUICK, runCode, underWay, urlsOf } from './user.js';

let site: Site;
let lab: Lab;
let files: string[];
let first: { result: Result; events: FleetEvent[]; urls: string[] };
const SECRET = `it's "$(secret)" 12345`;
const NEVER = ['--sbatch-arg=--begin=now+1hour'];

beforeAll(async () => {
  site = await startSite();
  lab = site.lab;
  files = ['c.json', 'c.yaml', 'c.txt', 'c.env', 'c.py'].map((name) => join(lab.users[0].home, name));
  const clients = files.flatMap((file) => ['--client-config', file]);
  const argv = ['--nodes', '2', ...SHARED, '--env', 'CALLERS_SECRET', '--json', ...clients];
  const result = await deploy(lab, argv, { env: { CALLERS_SECRET: SECRET } });
  expect(result.code, result.stderr).toBe(0);
  first = { result, events: eventsOf(result), urls: (await endpoints(lab)).map(({ url }) => url) };
});
afterAll(() => site?.down());

const eventsOf = ({ stdout }: Result): FleetEvent[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as FleetEvent);
const text = (name: string) => readFile(files.find((file) => file.endsWith(name)) ?? '', 'utf8');
const forFleet = (fleet: string, ...argv: string[]) => ['--fleet', fleet, '--nodes', '1', ...SHARED, ...argv];
const stop = (fleet: string, ...argv: string[]) =>
  lab.sandboxctl(['stop', '--fleet', fleet, ...argv], { env: QUICK });

describe('deploy writes', () => {
  test('events as NDJSON with --json, the result last, and keeps them in events.ndjson', async () => {
    const { result, events, urls } = first;
    expect(result.stderr).not.toMatch(/^\d\d:/m);
    for (const type of ['plan', 'submitted', 'instance', 'endpoints', 'warning'])
      expect(events.map((event) => event.type)).toContain(type);
    for (const event of events) expect(event).toMatchObject({ schema_version: 1, fleet: 'sandbox' });
    expect(events.filter(({ type }) => type === 'result')).toEqual([events.at(-1)]);
    expect(events.at(-1)).toMatchObject({ reason: '2 servers are ready', data: { exit_code: 0, urls } });
    // What is advice, and no event of the fleet, is shown alone.
    const stored = result.stdout.replace(/.*the servers need no password.*\n/, '');
    expect(stored).not.toBe(result.stdout);
    expect(await readFile(lab.state('fleets/sandbox/events.ndjson'), 'utf8')).toBe(stored);
  });

  test('client files, each in the format of its extension', async () => {
    const { urls } = first;
    const [url] = urls;
    const found = (file: { endpoints: { url: string }[] }) => file.endpoints.map((each) => each.url);
    expect(found(JSON.parse(await text('.json')))).toEqual(urls);
    expect(found(parse(await text('.yaml')))).toEqual(urls);
    expect(await text('.txt')).toBe(`${urls.join('\n')}\n`);
    const inShell = await lab.run(['sh', '-euc', '. "$HOME/c.env"; printf %s "$SANDBOX_URL"']);
    expect(inShell.stdout).toBe(`${url}/run_code`);
    const program = 'import json, c; print(json.dumps(c.URLS))';
    const inPython = await lab.run(['sh', '-c', 'cd && python3 -c "$1"', 'sh', program]);
    expect(JSON.parse(inPython.stdout)).toEqual(urls);
  });

  test('the value of --env KEY for the server alone: no script, record, command line or log has it', {
    tags: 'matrix',
  }, async () => {
    const told = await runCode(first.urls[0] ?? '', 'import os; print(os.environ["CALLERS_SECRET"], end="")');
    expect(told).toBe(SECRET);
    const holding: string[] = [];
    for (const root of [lab.state(''), join(lab.users[0].home, 'logs')]) {
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile() && (await readFile(path, 'utf8')).includes('12345')) holding.push(path);
      }
    }
    expect(holding).toEqual([expect.stringMatching(/\/fleets\/sandbox\/environment-[0-9a-f]+\.sh$/)]);
    expect((await stat(holding[0] ?? '')).mode & 0o777).toBe(0o600);
    expect(first.result.stdout + first.result.stderr).not.toContain('12345');
    expect((await site.tools.calls()).filter(({ argv }) => argv.includes('12345'))).toEqual([]);
  });
});

describe.concurrent('deploy --json ends with a result', () => {
  const cases: [string, string[], string, number][] = [
    ['a flag', ['deploy', '--nodes', '0'], 'usage', 2],
    ['the configuration', ['deploy', '-c', '/nowhere.yaml'], 'config', 3],
    ['what sinfo tells', ['deploy', ...forFleet('no', '--partition', 'nope')], 'refused', 5],
    ['sbatch', ['deploy', ...forFleet('no', '--constraint', 'nope')], 'refused', 5],
    ['a template', ['deploy', ...forFleet('no', '--template', '/nowhere')], 'config', 3],
    ['stop, not asked', ['stop', '--fleet', 'sandbox'], 'usage', 2],
    ['stop, the name', ['stop', '--fleet', 'No Such'], 'usage', 2],
  ];
  for (const { rows, tags } of inParts(cases, 2))
    test.each(rows)('%s', { tags }, async (_what, [verb = '', ...argv], kind, code) => {
      const image = verb === 'deploy' ? ['--image', lab.image] : [];
      const ended = await lab.sandboxctl([verb, ...image, '--json', ...argv], { env: QUICK });
      expect(ended.code).toBe(code);
      const told = JSON.parse(ended.stderr.trimEnd().split('\n').at(-1) ?? '');
      expect(told.error).toMatchObject({ kind, exit_code: code });
      const last = eventsOf(ended).at(-1);
      expect(last).toMatchObject({ type: 'result', reason: told.error.what, data: { exit_code: code } });
      expect(last?.data?.error).toEqual(told.error);
    });

  test('deploy leaves the jobs at a timeout; stop cancels them, and says when there is nothing to stop', {
    tags: 'matrix',
  }, async () => {
    // Slurm has told of the job before the wait begins.
    await deploy(lab, forFleet('late', ...NEVER, '--no-wait'));
    const late = await deploy(lab, forFleet('late', ...NEVER, '--json', '--pending-timeout', '1s'));
    expect(late.code).toBe(6);
    expect(eventsOf(late).at(-1)).toMatchObject({
      fleet: 'late',
      data: { exit_code: 6, error: { kind: 'waiting', words: expect.stringContaining('BeginTime') } },
    });
    expect(await site.jobs('late')).toHaveLength(1);
    for (const reason of ['fleet late is stopped: 1 job is gone', /is stopped: it had no running jobs/]) {
      const stopped = await stop('late', '--yes', '--json');
      expect(stopped.code).toBe(0);
      expect(eventsOf(stopped).at(-1)).toMatchObject({
        fleet: 'late',
        type: 'result',
        reason: expect.stringMatching(reason),
        data: { exit_code: 0 },
      });
    }
    expect(eventsOf(await stop('nobody', '--yes', '--json'))).toMatchObject([
      { type: 'result', fleet: 'nobody', data: { exit_code: 0 } },
    ]);
  });

  test('while another command holds the lock', { tags: 'matrix' }, async () => {
    const { child, ended } = await underWay(lab, forFleet('busy', ...NEVER), 'submitted');
    const refused = await stop('busy', '--yes', '--json');
    expect(refused.code).toBe(8);
    expect(eventsOf(refused)).toMatchObject([{ fleet: 'busy', data: { error: { kind: 'locked' } } }]);
    child.kill('SIGINT');
    await ended;
  });
});

describe('--no-wait', () => {
  test('submits the jobs and writes no client file', async () => {
    const file = join(lab.users[0].home, 'later.env');
    await writeFile(file, 'before');
    const handed = await deploy(lab, forFleet('handed', ...NEVER, '--no-wait', '--client-config', file));
    expect(handed).toMatchObject({ code: 0, stdout: '' });
    expect(handed.stderr).toContain(`${file} not written: 0 of 1 servers are ready`);
    expect(await readFile(file, 'utf8')).toBe('before');
    expect(await site.jobs('handed')).toHaveLength(1);
    expect(await endpoints(lab, ['--fleet', 'handed'])).toEqual([]);
  });

  test('on a ready fleet keeps its endpoints and writes the client file', {
    tags: 'matrix',
  }, async () => {
    const file = join(lab.users[0].home, 'again.txt');
    const argv = ['--fleet', 'sandbox', '--nodes', '2', ...SHARED, '--env', 'CALLERS_SECRET'];
    const options = { env: { CALLERS_SECRET: SECRET } };
    // Canaries now take longer than Slurm does.
    await Promise.all(lab.nodes.map(({ name }) => lab.reach(name, false)));
    const { ended } = await underWay(lab, [...argv, '--no-wait', '--client-config', file], 'plan: ', options);
    await Promise.all(lab.nodes.map(({ name }) => lab.reach(name, true)));
    const again = await ended;
    expect(again.code, again.stderr).toBe(0);
    expect(urlsOf(again)).toEqual(first.urls);
    expect((await endpoints(lab, ['--fleet', 'sandbox'])).map(({ url }) => url)).toEqual(first.urls);
    expect(await readFile(file, 'utf8')).toBe(`${first.urls.join('\n')}\n`);
  });
});

test('deploy --min-ready does not wait for pending jobs', { tags: 'matrix' }, async () => {
  // One fits on the node, two do not.
  const room = ['--nodelist', 'node1', '--no-exclusive', '--cpus-per-task', '60', '--mem', '100M'];
  const argv = ['--fleet', 'enough', '--nodes', '2', ...room, '--min-ready', '1'];
  const deployed = await deploy(lab, argv);
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(urlsOf(deployed)).toHaveLength(1);
  const states = await lab.run(['squeue', '-h', '-r', '-n', 'sandboxctl-enough', '-S', 't', '-o', '%t']);
  expect(states.stdout.trim().split('\n').sort()).toEqual(['PD', 'R']);
});

test('deploy --dry-run prints the exact script and command line and submits nothing', async () => {
  const argv = forFleet('planned', ...NEVER, '--env', 'A=b');
  await site.tools.forget();
  const planned = await deploy(lab, [...argv, '--dry-run']);
  const asJson = eventsOf(await deploy(lab, [...argv, '--dry-run', '--json']));
  const asked = new Set((await site.tools.calls()).map(({ tool }) => tool));
  expect([...asked].sort()).toEqual(['scontrol', 'sinfo']);
  expect(await readdir(lab.state('fleets'))).not.toContain('planned');

  expect((await deploy(lab, [...argv, '--no-wait'])).code).toBe(0);
  const [id = ''] = await readdir(lab.state('fleets/planned/submissions'));
  const script = await readFile(lab.state(`fleets/planned/submissions/${id}/script.sbatch`), 'utf8');
  const [plan = '', command = '', ...rest] = planned.stdout.split('\n');
  expect(plan).toBe('# plan: 1 server in partition cpuonly for 4-00:00:00, image sandbox.sqsh');
  const itsId = /submissions\/(\w+)\//.exec(command)?.[1] ?? '';
  expect(rest.join('\n').replaceAll(itsId, id)).toBe(script);
  const submitted = (await site.tools.calls()).find(({ tool }) => tool === 'sbatch');
  expect(command.replaceAll(itsId, id)).toBe(`# sbatch ${submitted?.argv}`);

  expect(asJson).toMatchObject([
    {
      type: 'plan',
      fleet: 'planned',
      data: { nodes: 1, commands: [[...'sbatch'.split(' '), '--parsable', '--array=0', expect.any(String)]] },
    },
    { type: 'result', fleet: 'planned', data: { exit_code: 0 } },
  ]);
  expect(String(asJson[0]?.data?.script).split('\n')).toHaveLength(script.split('\n').length);
});
