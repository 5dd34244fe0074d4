import { createServer, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { probe, probeGateway } from '../../src/control/probe.js';
import type { GatewayEndpoint } from '../../src/gateway/types.js';
import { gatewayFor, PROGRAM } from '../gateway/start.js';
import { startServer } from '../support/server-process.js';
import { type ServedCli, serveCli } from './serve/server.js';

/** A job's server proves that it is its own; whoever sits on its port instead is never used. */
const SECRET = 'c0ffee00-1111-2222-3333-444455556666';
const JOB = { env: { SANDBOXCTL_JOB_SECRET: 'stdin' }, input: `${SECRET}\n` };
const CLI = new URL('../../bin/sandboxctl.js', import.meta.url).pathname;

let server: ServedCli;
beforeAll(async () => {
  server = await serveCli(['--isolation', 'none'], JOB);
});
afterAll(() => server?.stop());

const credentials = (secret: string) => ({ nonce: '', secret });

/** An impersonator on a port of its own; `took` lists what it was asked. */
async function impersonator(listener: RequestListener): Promise<{ url: string; took: string[] }> {
  const took: string[] = [];
  const stub = createServer((asked, response) => {
    took.push(`${asked.method} ${asked.url?.split('?')[0]}`);
    listener(asked, response);
  });
  await new Promise<void>((resolve) => stub.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void stub.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(stub.address() as AddressInfo).port}`, took };
}

/** Hands everything on to the real server, and its answers back. */
const relay: RequestListener = (asked, response) => {
  const { method, url: path, headers } = asked;
  const { hostname, port } = new URL(server.url);
  asked.pipe(
    request({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }),
  );
};

test('a server proves its identity by the secret, and its health by a run', async () => {
  expect(await probe(server.url, credentials(SECRET))).toEqual({ ok: true });
  expect(await probe(server.url, credentials('other'))).toMatchObject({ ok: false, foreign: true });
});

test('no program can read the secret, also without isolation, and no process has it in its environment', async () => {
  const code = `import glob, os
print(*(name for name in os.environ if "NONCE" in name or "SECRET" in name))
for path in [f"/proc/{os.getppid()}/environ", *glob.glob("/proc/[0-9]*/environ"), *glob.glob("/proc/[0-9]*/cmdline")]:
    try: found = b"c0ffee" + b"00-1111" in open(path, "rb").read()
    except OSError: continue
    if found: print("BROKEN", path)`;
  const answer = await server.run({ language: 'python', code, run_timeout: 60 });
  expect(answer.run_result).toMatchObject({ stdout: '\n', return_code: 0 });
});

describe('an impersonating server is detected and gets no program', () => {
  let replayed: string;
  const imposters: Record<string, RequestListener> = {
    'that runs programs, as SandboxFusion': (asked, response) => {
      if (asked.url === '/run_code') return relay(asked, response);
      response.writeHead(404).end('{"detail":"Not Found"}');
    },
    'that relays everything to our server': relay,
    'that repeats an answer of our server': (asked, response) => {
      if (asked.url === '/run_code') relay(asked, response);
      else response.writeHead(200).end(replayed);
    },
  };

  test.each(Object.keys(imposters))('%s', async (name) => {
    const random = '00112233445566778899aabbccddeeff';
    replayed = await (await fetch(`${server.url}/v1/identity?random=${random}`)).text();
    const { url, took } = await impersonator(imposters[name] as RequestListener);
    expect(await probe(url, credentials(SECRET))).toMatchObject({ ok: false, foreign: true });
    expect(took).toEqual(['GET /v1/identity']);

    // The same for a gateway: it goes to our server alone.
    const gateway = await gatewayFor([], { canaryEvery: 0.1 });
    const listed = [url, server.url].map(
      (each): GatewayEndpoint => ({ url: each, limit: 4, node: null, jobId: null, ...credentials(SECRET) }),
    );
    gateway.listing.replace(listed);
    await expect.poll(async () => states(await gateway.snapshot())).toContain('in');
    await expect.poll(() => took.length).toBeGreaterThan(3);
    for (let run = 0; run < 4; run += 1) expect((await gateway.run()).status).toBe(200);
    expect(states(await gateway.snapshot())).toEqual(['new', 'in']);
    // Nor if it is the only one.
    gateway.listing.replace(listed.slice(0, 1));
    await expect.poll(async () => states(await gateway.snapshot())).toEqual(['new']);
    // Without a compile timeout, the client waits for 2 s beyond the run's own.
    const { compile_timeout: _, ...program } = PROGRAM;
    expect((await gateway.run({ ...program, run_timeout: 1 })).status).toBe(504);
    expect(took.filter((each) => each !== 'GET /v1/identity' && each !== 'GET /v1/capacity')).toEqual([]);
  });

  const states = ({ endpoints }: { endpoints: readonly { state: string }[] }) =>
    endpoints.map(({ state }) => state);
});

test('a gateway proves its identity by its secret without revealing it', async () => {
  const words = ['gateway', '--listen', '127.0.0.1:0', '--endpoint', server.url];
  const gateway = startServer([process.execPath, CLI, ...words], JOB);
  onTestFinished(async () => void (await gateway.stop()));
  const url = await gateway.ready();
  await expect.poll(() => probeGateway(url, credentials(SECRET))).toEqual({ ok: true });
  expect(await probeGateway(url, credentials('other'))).toMatchObject({ ok: false, foreign: true });
  const relayed = await impersonator((asked, response) => {
    asked.pipe(
      request(`${url}${asked.url}`, { method: asked.method }, (answer) => {
        response.writeHead(answer.statusCode ?? 500);
        answer.pipe(response);
      }),
    );
  });
  expect(await probeGateway(relayed.url, credentials(SECRET))).toMatchObject({ ok: false, foreign: true });
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('{"ready":1}');
});

describe('a job script of the previous version', () => {
  const env = { SANDBOXCTL_JOB_NONCE: 'n0nce' };

  test('passes a nonce that only health checks print', async () => {
    const before = await serveCli([], { env });
    onTestFinished(async () => void (await before.stop()));
    expect(await probe(before.url, { nonce: 'n0nce' })).toEqual({ ok: true });
    expect(await probe(before.url, { nonce: 'other' })).toMatchObject({ ok: false, foreign: true });
    const check = 'import os\nprint("r4ndom:" + os.environ.get("SANDBOXCTL_JOB_NONCE", ""))';
    const printed = async (code: string) =>
      (await before.run({ language: 'python', code })).run_result?.stdout;
    expect(await printed(check)).toBe('r4ndom:n0nce\n');
    expect(await printed('import os; print([name for name in os.environ if "NONCE" in name])')).toBe('[]\n');
  });

  test('finds its gateway’s nonce in /healthz', async () => {
    const words = ['gateway', '--listen', '127.0.0.1:0', '--endpoint', server.url];
    const gateway = startServer([process.execPath, CLI, ...words], { env });
    onTestFinished(async () => void (await gateway.stop()));
    const url = await gateway.ready();
    await expect.poll(() => probeGateway(url, { nonce: 'n0nce' })).toEqual({ ok: true });
    expect(await probeGateway(url, { nonce: 'other' })).toMatchObject({ ok: false });
  });
});

test('a gateway or deploy of the previous version accepts a server of this version by its empty nonce', async () => {
  expect(await probe(server.url, { nonce: '' })).toEqual({ ok: true });
});
