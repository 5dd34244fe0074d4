import { afterAll, beforeAll, expect, test } from 'vitest';
import { gatewayFor } from '../../gateway/start.js';
import { type ServedCli, serveCli } from './server.js';

/** Requests that kept a server from answering anybody, for seconds up to minutes. */
let served: ServedCli;
beforeAll(async () => {
  served = await serveCli(['--isolation', 'none', '--max-concurrency', '2']);
});
afterAll(async () => {
  expect(await served?.stop()).toMatchObject({ code: 0 });
});

const MB = 2 ** 20;

test.each([
  ['a mistake every two bytes', `{"code":"1","language":"bash","fetch_files":[${'1,'.repeat(2 * MB)}1]}`],
  ['objects without end', `{"code":[${'{},'.repeat(4 * MB)}{}]}`],
  ['lists without end', `[${'[],'.repeat(4 * MB)}[]]`],
  ['lists in lists', '['.repeat(16 * MB)],
  ['a string that does not end', `{"code":"${'a'.repeat(32 * MB)}`],
  ['the same key again and again', `{"code":"1","language":"bash"${',"a":1'.repeat(2 * MB)}}`],
  [
    'a number of millions of digits',
    `{"code":"1","language":"bash","run_timeout":"${'1'.repeat(16 * MB)}x"}`,
  ],
])('%s is refused in few words, by the server and by the gateway itself', async (_what, body) => {
  const gateway = await gatewayFor([served.url], { bodyLimit: 64 * MB });
  for (const url of [served.url, gateway.url]) {
    const answer = await fetch(`${url}/run_code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(422);
    expect((await answer.text()).length).toBeLessThan(10_000);
  }
  expect((await gateway.snapshot()).endpoints.map(({ ejected }) => ejected)).toEqual([0]);
  expect((await served.run({ language: 'bash', code: 'echo hello' })).run_result?.stdout).toBe('hello\n');
});

test('an output of 128 MB of NULs is cut by its length as JSON, and passes the gateway', {
  tags: 'security',
}, async () => {
  const gateway = await gatewayFor([served.url]);
  const code = `import sys; b = b"\\0" * 2**20
for i in range(64): sys.stdout.buffer.write(b); sys.stderr.buffer.write(b)`;
  const answer = await gateway.run({ language: 'python', code, run_timeout: 60, compile_timeout: 60 });
  const { run_result } = (await answer.json()) as { run_result: { stdout: string; sandboxctl: object } };
  const kept = Math.floor((64 * MB) / 6);
  expect([answer.status, run_result.stdout.length]).toEqual([200, kept]);
  expect(run_result.sandboxctl).toEqual({ stdout_dropped: 64 * MB - kept, stderr_dropped: 64 * MB - kept });
});
