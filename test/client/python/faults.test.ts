import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { RunCodeRequest } from '../../../src/api/wire.js';
import { endpoint, fleet } from '../../endpoints/samples.js';
import { inParts } from '../../support/parts.js';
import { SENT } from '../../verdicts/answers.js';
import { answering, finished, SANDBOX_ERROR, type TestServer } from '../servers.js';
import { type PythonModule, pythonModule } from './module.js';

const opened: (TestServer | { close(): Promise<void> })[] = [];
let module: PythonModule | undefined;

afterEach(async () => {
  module?.remove();
  module = undefined;
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

/** Answers every program as one that printed 42, and health checks as a server that is well does. */
function well(response: ServerResponse, body: RunCodeRequest): void {
  response.end(isCanary(body) ? canary(body) : finished('42\n'));
}

function isCanary({ code }: RunCodeRequest): boolean {
  return code.includes('sys.exit(3)');
}

function canary({ stdin }: RunCodeRequest): string {
  return finished(`${stdin}\n`, { return_code: 3, stderr: 'e\n' });
}

type Fault = (response: ServerResponse, body: RunCodeRequest) => void;

/** What a server does that is not well. */
const FAULTS: Readonly<Record<string, Fault>> = {
  reset: (response) => void response.socket?.destroy(),
  'HTTP 500': (response) => void response.writeHead(500).end('oh'),
  'HTTP 429': (response) => void response.writeHead(429).end('slow down'),
  redirect: (response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
  HTML: (response) => void response.end('<html>hello</html>'),
  'other JSON': (response) => void response.end('{"status": "Success"}'),
  'cut JSON': (response) => void response.end(finished('42\n').slice(0, 40)),
  'cut body': (response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('{');
    setImmediate(() => response.socket?.destroy());
  },
  SandboxError: (response) => void response.end(SANDBOX_ERROR),
  'an infra mark': (response) =>
    void response.writeHead(504, { 'x-sandboxctl-infra-error': 'no server' }).end(),
  'every program fails': (response) =>
    void response.end(finished('', { return_code: 127, stderr: 'python: command not found\n' })),
  'every program is killed': (response) => void response.end(finished('', { return_code: -9 })),
  'every program times out': (response) =>
    void response.end(finished('', { status: 'TimeLimitExceeded', return_code: null })),
};

const ASK = "result = run('print(42)', timeout=1, compile_timeout=0, patience=%)";

async function start(answers: readonly Fault[]): Promise<TestServer[]> {
  const servers = await Promise.all(answers.map((answer) => answering(answer)));
  opened.push(...servers);
  module = await pythonModule(servers.map(({ url }) => url));
  return servers;
}

for (const { rows, tags } of inParts(Object.entries(FAULTS).reverse(), 2))
  test.each(rows)(
    '%s: the program is run elsewhere, or the sample is masked',
    { tags },
    async (_name, fault) => {
      const [bad] = await start([fault, well]);
      const alone =
        "use(URLS[0])\nalone = judge('print(42)', [('', '42')], timeout=1, compile_timeout=0, patience=0.5)";
      const script = `${ASK.replace('%', '20')}\n${alone}\nshow([[run('print(42)').stdout for _ in range(4)], result.stdout, alone.mask, alone.reward])`;
      // The first runs go to both: the balancer begins with either.
      const both = `first = [run('print(42)', patience=20).stdout for _ in range(4)]\n${script.replace("[run('print(42)').stdout for _ in range(4)]", 'first')}`;
      expect(await module?.python(both)).toEqual([Array(4).fill('42\n'), '42\n', true, null]);
      expect(bad?.requests.length).toBeGreaterThan(0);
    },
  );

test("a failure is the program's where a health check that began later passes", async () => {
  const [server] = await start([
    (response, body) =>
      void response.end(
        isCanary(body) ? canary(body) : finished('', { return_code: 1, stderr: 'KeyError\n' }),
      ),
  ]);
  const result = await module?.python("result = run('print({}[1])')\nshow([result.infra, result.exit_code])");
  expect(result).toEqual([false, 1]);
  expect(server?.requests.map(({ body }) => isCanary(body))).toEqual([false, true]);
});

test('one health check serves all failures that wait for it', async () => {
  const [server] = await start([
    (response, body) =>
      setTimeout(
        () => response.end(isCanary(body) ? canary(body) : finished('', { return_code: 1 })),
        isCanary(body) ? 300 : 0,
      ),
  ]);
  const script = "show([v.verdict for v in judge_many([('x', ['assert 1'])] * 64, 64)])";
  expect(await module?.python(script)).toEqual(Array(64).fill('failed'));
  const canaries = server?.requests.filter(({ body }) => isCanary(body)).length ?? 0;
  expect(canaries).toBeGreaterThan(0);
  expect(canaries).toBeLessThan(32);
});

test('output that one server lost is asked of another', async () => {
  const [silent] = await start([(response) => void response.end(finished('')), well]);
  // Servers are chosen at random: one run in two begins at the silent one.
  expect(await module?.python("show([run('print(42)').stdout for _ in range(30)])")).toEqual(
    Array(30).fill('42\n'),
  );
  expect(silent?.requests.length).toBeGreaterThan(0);
});

test('a request that no server would run is tried once', async () => {
  const fault = JSON.stringify({
    ...JSON.parse(SANDBOX_ERROR),
    message:
      "exception on running code x: 'utf-8' codec can't encode character '\\ud800': surrogates not allowed None",
  });
  const servers = await start([
    (response) => void response.end(fault),
    (response) => void response.end(fault),
  ]);
  const told = await module?.python(
    "result = run('x')\nshow([result.invalid, result.infra, judge('x', [('', '')]).verdict])",
  );
  expect(told).toEqual([true, false, 'invalid']);
  expect(servers.flatMap(({ requests }) => requests)).toHaveLength(2);
});

test('it says how long it waits, sends the token, and never waits longer', async () => {
  const [server] = await start([() => undefined]);
  const script = `
import time
began = time.monotonic()
result = run('print(1)', timeout=0.2, compile_timeout=0.1, patience=0.7)
show([result.infra, time.monotonic() - began >= 1])`;
  expect(await module?.python(script, { SANDBOXCTL_TOKEN: 'secret' })).toEqual([true, true]);
  expect(server?.requests[0]?.headers).toMatchObject({
    authorization: 'Bearer secret',
    'x-sandboxctl-patience': '1.0',
  });
});

test('on_infra="raise" raises, and nothing else does', async () => {
  await start([FAULTS.SandboxError as Fault]);
  const script = `
def kind(call):
    try:
        return call().infra
    except SandboxInfraError as error:
        return str(error)[:12]
options = dict(timeout=30, compile_timeout=0, patience=0)
show([kind(lambda: run('1', on_infra='raise', **options)), kind(lambda: run('1', **options)),
      code_exec_sandboxfusion.__name__])`;
  expect(await module?.python(script)).toEqual(['SandboxError', true, 'code_exec_sandboxfusion']);
});

test('the endpoints file is read again when it changes, and its gateway is asked alone', async () => {
  const [first, second] = await start([
    well,
    (response) => void response.end(finished('gateway\n', { return_code: 1 })),
  ]);
  const path = join(module?.state ?? '', 'fleets/sandbox/endpoints.json');
  mkdirSync(dirname(path), { recursive: true });
  const far = '2999-01-01T00:00:00.000Z';
  const at = (url = '') => endpoint(0, { url, port: Number(new URL(url).port), expires_at: far });
  const gateway = { url: second?.url, node: null, job_id: null, state: 'ready', auth: null };
  writeFileSync(path, JSON.stringify(fleet([at(first?.url)])));
  writeFileSync(`${path}.next`, JSON.stringify({ ...fleet([at(first?.url)]), gateway }));
  const script = `
import os, time
before = run('1').stdout
os.replace(${JSON.stringify(path)} + '.next', ${JSON.stringify(path)})
sandbox._endpoints.looked = float('-inf')
after = [run('1').stdout for _ in range(3)]
show([before, after])`;
  expect(await module?.python(script)).toEqual(['42\n', ['gateway\n', 'gateway\n', 'gateway\n']]);
  // A gateway has verified its failures: no health check comes of ours.
  expect(second?.requests).toHaveLength(3);
  renameSync(path, `${path}.gone`);
});

/** What the module makes of one answer, before it asks anybody else. */
const MEANS = { program: 'program', infra: 'infra', load: 'infra', request: 'invalid' };

test('each recorded answer means what it means to the gateway and the TypeScript client', async () => {
  await start([well]);
  const answers = SENT.map(({ answer }) => [answer.status, answer.headers, answer.text]);
  const script = `
import email.message
def kind(status, headers, text):
    message = email.message.Message()
    for name, value in headers.items():
        message[name] = value
    result = sandbox._read('http://x', status, message, text.encode())
    return 'infra' if result.infra else 'invalid' if result.invalid else 'program'
show([kind(*each) for each in json.loads(${JSON.stringify(JSON.stringify(answers))})])`;
  const kinds = await module?.python<string[]>(script);
  // A request's own fault that only agreement tells is the sandbox's until then.
  const expected = SENT.map(({ verdict, needs }) => (needs.includes('agreement') ? 'infra' : MEANS[verdict]));
  expect(SENT.map(({ name }, at) => `${name}: ${kinds?.[at]}`)).toEqual(
    SENT.map(({ name }, at) => `${name}: ${expected[at]}`),
  );
});

test("a fault that healthy servers agree on is the request's own", async () => {
  const words = (folder: string) =>
    JSON.stringify({
      ...JSON.parse(SANDBOX_ERROR),
      message: `exception on running code x: cannot use /tmp/${folder}/a`,
    });
  const says = (folder: string) => (response: ServerResponse, body: RunCodeRequest) =>
    void response.end(isCanary(body) ? canary(body) : words(folder));
  const servers = await start([says('tmp1'), says('tmp2'), says('tmp3')]);
  expect(await module?.python("result = run('x')\nshow([result.invalid, result.infra])")).toEqual([
    true,
    false,
  ]);
  const runs = servers.flatMap(({ requests }) => requests.filter(({ body }) => !isCanary(body)));
  expect(runs).toHaveLength(2);
});
