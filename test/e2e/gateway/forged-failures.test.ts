import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServedCli, serveCli } from '../serve/server.js';
import { gatewayCli } from './cli.js';

/** Programs that try to pass for a failure of their sandbox: nothing of that may reach a gateway's verdict. */
const FORGED = `import ctypes, os
libc = ctypes.CDLL(None)
for fd in range(2, 12):
    for word in (b"F\\n", b"E 0\\n", b"C 1\\n"):
        taken = libc.syscall(438, libc.syscall(434, 1, 0), fd, 0)
        for name in (taken, f"/proc/1/fd/{fd}"):
            try: os.write(name if isinstance(name, int) else os.open(name, os.O_WRONLY), word)
            except OSError: pass
os._exit(7)`;

let server: ServedCli;
beforeAll(async () => {
  server = await serveCli(['--max-concurrency', '8']);
});
afterAll(() => server?.stop());

test('eight forged failures at once are failed programs, and their server stays in rotation', async () => {
  const gateway = await gatewayCli(['--endpoint', server.url, '--listen', '127.0.0.1:0']);
  const healthy = async () => (await fetch(`${gateway.url}/healthz`)).status;
  await expect.poll(healthy).toBe(200);
  const ask = async () => {
    const body = JSON.stringify({ language: 'python', code: FORGED, run_timeout: 60, compile_timeout: 60 });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${gateway.url}/run_code`, { method: 'POST', body, headers });
    return { infra: answer.headers.get('x-sandboxctl-infra-error'), ...((await answer.json()) as object) };
  };
  const answers = await Promise.all(Array.from({ length: 8 }, ask));
  for (const answer of answers) {
    expect(answer).toMatchObject({ infra: null, status: 'Failed', run_result: { return_code: 7 } });
  }
  expect(await healthy()).toBe(200);
  expect(gateway.stderr()).not.toContain('outage');
});
