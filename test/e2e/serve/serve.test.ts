import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Capacity, RunCodeRequest, RunCodeResponse } from '../../../src/api/wire.js';
import { type ServedCli, serveCli, serveFails } from './server.js';
import { serving } from './serving.js';
import { sleepers, uniqueSleep } from './sleepers.js';

const HEADER = 'x-sandboxctl-infra-error';
const NONE = ['--isolation', 'none'];

/** A run that goes on until it is given up, and the promise of its answer. */
async function holdSlot(served: ServedCli) {
  const sleep = uniqueSleep();
  const gone = new AbortController();
  const code = `sleep ${sleep}`;
  const asked = served.post({ language: 'bash', code, run_timeout: 3600 }, { signal: gone.signal });
  asked.catch(() => undefined);
  await expect.poll(() => sleepers(sleep).length).toBe(1);
  return { asked, free: () => gone.abort() };
}

async function metric(served: ServedCli, name: string): Promise<number> {
  const page = await (await fetch(`${served.url}/metrics`)).text();
  const line = page.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

const logLines = (served: ServedCli) =>
  served
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('serve with one slot', () => {
  let served: ServedCli;
  beforeAll(async () => {
    served = await serveCli([...NONE, '--max-concurrency', '1']);
  });
  afterAll(async () => {
    await served?.stop();
  });

  test('runs waiting requests in their order', async () => {
    const slot = await holdSlot(served);
    const code = 'import time\nprint(time.monotonic_ns())';
    const asked: Promise<RunCodeResponse>[] = [];
    for (let waiting = 1; waiting <= 4; waiting += 1) {
      asked.push(served.run({ language: 'python', code, compile_timeout: 600 }));
      await expect.poll(() => metric(served, 'sandboxctl_runs_waiting')).toBe(waiting);
    }
    slot.free();
    const times = (await Promise.all(asked)).map((answer) => Number(answer.run_result?.stdout));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((time) => time > 0)).toBe(true);
  });

  test('answers 504 with the reason to a caller that can wait no longer', async () => {
    const slot = await holdSlot(served);
    const answer = await served.post({ language: 'python', code: '1', run_timeout: 0.5 });
    expect(answer.status).toBe(504);
    expect(answer.headers.get(HEADER)).toMatch(/^waited [12]\.\d+ s for a free slot/);
    expect(await answer.json()).toEqual({ detail: answer.headers.get(HEADER) });
    slot.free();
  });

  test('counts and logs each run without its code or output', async () => {
    const refused = 'sandboxctl_runs_total{language="lean",end="request"}';
    const refusedBefore = (await metric(served, refused)) || 0;
    // A line is written after its answer: once this run's is there, those of the tests before are too.
    const code = 40 + Math.floor(Math.random() * 80);
    await served.run({ language: 'bash', code: `exit ${code}` });
    const mark = () => logLines(served).findIndex(({ returnCode }) => returnCode === code);
    await expect.poll(mark).toBeGreaterThanOrEqual(0);
    const before = mark() + 1;
    const one: RunCodeRequest = { language: 'python', code: 'print("SECRET" * 2)\nraise SystemExit(3)' };
    await served.run(one);
    await served.run({ language: 'lean', code: 'SECRET' });
    await served.post('{');
    await expect.poll(() => logLines(served).length).toBeGreaterThanOrEqual(before + 2);
    const lines = logLines(served).slice(before);
    expect(lines).toMatchObject([
      { language: 'python', end: 'program', status: 'Failed', returnCode: 3 },
      { language: 'lean', end: 'request', status: 'SandboxError' },
    ]);
    expect(lines.every(({ time, took, waited }) => [time, took, waited].every((each) => each != null))).toBe(
      true,
    );
    expect(served.stderr()).not.toContain('SECRET');
    expect(await metric(served, refused)).toBe(refusedBefore + 1);
    expect(await metric(served, 'sandboxctl_slots')).toBe(1);
    const capacity = (await (await fetch(`${served.url}/v1/capacity`)).json()) as Capacity;
    expect(capacity).toMatchObject({
      slots: 1,
      running: 0,
      queued: 0,
      isolation: { mode: 'none', by: null },
    });
    expect(capacity.load).toBeGreaterThanOrEqual(0);
    expect(await metric(served, 'sandboxctl_isolation_info{mode="none",by=""}')).toBe(1);
  });

  test('lists its languages and refuses others with a SandboxError', async () => {
    const { languages } = (await (await fetch(`${served.url}/v1/languages`)).json()) as {
      languages: string[];
    };
    expect(languages).toEqual(expect.arrayContaining(['python', 'cpp', 'nodejs', 'java', 'bash', 'perl']));
    expect(languages).not.toContain('lean');
    const { status, message, run_result } = await served.run({ language: 'lean', code: 'x' });
    expect({ status, run_result }).toEqual({ status: 'SandboxError', run_result: null });
    expect(message).toBe(`language lean is not available here, but ${languages.join(', ')}`);
    expect(served.stderr()).toContain(`languages: ${languages.join(' ')}`);
  });

  test.each(['/run_jupyter', '/list_ids', '/get_prompts'])(
    '%s says that this server does not have it',
    async (path) => {
      const answer = await fetch(served.url + path, { method: 'POST', body: '{}' });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('docs/compatibility.md') });
    },
  );

  test('judges a /submit with its own tests and refuses data sets', async () => {
    const post = (config: object) =>
      fetch(`${served.url}/submit`, {
        method: 'POST',
        body: JSON.stringify({
          dataset: 'x',
          id: 0,
          completion: '```python\nprint(int(input()) * 2)\n```',
          config: { language: 'python', ...config },
        }),
      });
    const test = [{ input: { stdin: '4\n' }, output: { stdout: '8\n' } }];
    const own = await post({ dataset_type: 'CommonOJDataset', provided_data: { id: 0, content: '', test } });
    expect(own.status).toBe(200);
    expect(await own.json()).toMatchObject({ id: 0, accepted: true, tests: [{ passed: true }] });
    const other = await post({ dataset_type: 'MBPPDataset' });
    expect(other.status).toBe(404);
    expect(await other.json()).toMatchObject({ detail: expect.stringContaining('docs/compatibility.md') });
    const missing = { dataset_type: 'CommonOJDataset', language: 'lean', provided_data: { test } };
    expect(await (await post(missing)).json()).toMatchObject({
      detail: expect.stringContaining('language lean is not available here'),
    });
  });

  test('serve --isolation none prints a warning', () => {
    expect(served.stderr()).toContain('warning: isolation none');
    expect(served.stderr()).not.toContain('--token-file');
  });
});

describe('the token of serve', () => {
  let folder: string;
  let served: ServedCli;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandboxctl-serve-'));
    await writeFile(join(folder, 'token'), 'open sesame\n', { mode: 0o600 });
    served = await serveCli([...NONE, '--token-file', join(folder, 'token')]);
  });
  afterAll(async () => {
    await served?.stop();
    await rm(folder, { recursive: true });
  });

  const paths = ['/', '/v1/languages', '/metrics', '/run_code', '/submit', '/nowhere', '/v1/ping/'];
  test.each(paths)('guards %s', async (path) => {
    const post = { method: path === '/run_code' ? 'POST' : 'GET' };
    for (const authorization of ['', 'Bearer open', 'Basic b3Blbg==', 'open sesame']) {
      const answer = await fetch(served.url + path, { ...post, headers: { authorization } });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    const answer = await fetch(served.url + path, {
      ...post,
      headers: { authorization: 'Bearer open sesame' },
    });
    expect(answer.status).not.toBe(401);
  });

  test('is not required for /v1/ping', async () => {
    expect(await (await fetch(`${served.url}/v1/ping`)).json()).toBe('pong');
  });
});

test('serve finishes runs under way at SIGTERM, takes no new ones and exits with 0', async () => {
  const served = await serving([...NONE, '--max-concurrency', '1', '--grace', '10m']);
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-drain-'));
  const code = `until [ -e ${folder}/go ]; do sleep 0.05; done; echo finished`;
  const running = served.run({ language: 'bash', code, run_timeout: 600 });
  const waiting = served.run({ language: 'bash', code: 'echo waited', compile_timeout: 600 });
  await expect.poll(() => metric(served, 'sandboxctl_runs_waiting')).toBe(1);
  // Such as the pools of clients keep in store.
  const { hostname, port } = new URL(served.url);
  const silent = connect(Number(port), hostname);
  await once(silent, 'connect');
  const end = served.stop();
  await expect
    .poll(() =>
      served.post({ language: 'bash', code: '' }).then(
        (a) => a.status,
        () => 'refused',
      ),
    )
    .toBe('refused');
  await writeFile(join(folder, 'go'), '');
  expect((await running).run_result?.stdout).toBe('finished\n');
  expect((await waiting).run_result?.stdout).toBe('waited\n');
  expect((await end).code).toBe(0);
  await rm(folder, { recursive: true });
});

test('a run longer than the grace period is killed and is an infra failure for its caller', async () => {
  const served = await serving([...NONE, '--grace', '1s']);
  const slot = await holdSlot(served);
  const end = served.stop();
  const answer = await slot.asked;
  expect([answer.status, answer.headers.get(HEADER)]).toEqual([504, 'the server is stopping']);
  expect((await end).code).toBe(0);
});

test.each([
  ['its affinity', { before: ['taskset', '--cpu-list', '0'] }, 1],
  ['what Slurm gave', { env: { SLURM_CPUS_ON_NODE: '1' } }, 1],
])('as many runs at once as CPUs, by %s', async (_, options, slots) => {
  const served = await serving(NONE, options);
  expect(await metric(served, 'sandboxctl_slots')).toBe(slots);
  expect((await served.stop()).code).toBe(0);
});

test('serve warns if it listens on other addresses without a token', async () => {
  const served = await serving(['--listen', '0.0.0.0:0', ...NONE]);
  expect(served.stderr()).toMatch(
    /warning: anyone who can reach http:\S+ can run programs here: --token-file/,
  );
});

test('serve exits with the reason if the kernel refuses user namespaces', async () => {
  // The limit is that of a user namespace made for this: it holds in it and below, and nowhere else.
  const closed = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"';
  const before = ['unshare', '--user', '--map-root-user', 'sh', '-c', closed, 'sh'];
  const { code, stderr } = await serveFails(['--listen', '127.0.0.1:0'], { before });
  expect(code).toBe(4);
  expect(stderr).toMatch(
    /^error: this machine does not let programs be isolated\n {2}bwrap: .*\n {2}unshare: /,
  );
  expect(stderr).toContain('/proc/sys/user/max_user_namespaces is 0');
  expect(stderr).not.toContain('ready on');
});

test('serve is ready before it loads the libraries for YAML and metrics', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-loaded-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const served = await serving(NONE, { env: { NODE_V8_COVERAGE: folder } });
  await served.stop();
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const urls = texts.flatMap((text) => [...text.matchAll(/file:[^"]*/g)].map(([url]) => url));
  expect(urls.filter((url) => url.includes('/dist/sandbox/'))).not.toEqual([]);
  expect(urls.filter((url) => /node_modules\/|vendor\/(yaml|prom-client)\.js/.test(url))).toEqual([]);
});
