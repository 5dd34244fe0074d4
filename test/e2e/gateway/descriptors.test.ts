import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startUpstream } from '../../gateway/stubs/upstream.js';
import { inParts } from '../../support/parts.js';
import { startServer } from '../../support/server-process.js';

const CLI = fileURLToPath(new URL('../../../bin/sandboxctl.js', import.meta.url));

/** A command that may have so many files open, ended with its test. */
async function limited(files: number, args: readonly string[]) {
  const script = `ulimit -n ${files}; exec "$@"`;
  const started = startServer(['bash', '-c', script, 'bash', process.execPath, CLI, ...args]);
  onTestFinished(async () => {
    await started.stop('SIGKILL');
  });
  return { ...started, url: await started.ready() };
}

/** Sends programs, all at once, each on a connection of its own; how many got which status, or which error. */
async function callers(url: string, count: number, code: string): Promise<Record<string, number>> {
  const body = JSON.stringify({ code, language: 'bash', compile_timeout: 100, run_timeout: 100 });
  const ends: Record<string, number> = {};
  const ask = () =>
    new Promise<string>((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      request(`${url}/run_code`, { method: 'POST', agent: false, headers }, (response) => {
        response.resume().on('end', () => resolve(String(response.statusCode)));
        response.on('error', (error) => resolve(error.message));
      })
        .on('error', (error) => resolve(error.message))
        .end(body);
    });
  const all = await Promise.all(Array.from({ length: count }, ask));
  for (const end of all) ends[end] = (ends[end] ?? 0) + 1;
  return ends;
}

const LIMITS = [
  { files: 256, count: 500 },
  { files: 1_024, count: 1_600 },
];

for (const { rows, tags } of inParts(LIMITS))
  test.each(rows)(
    'a gateway of $files descriptors answers $count callers at once, and blames no server',
    { tags },
    async ({ files, count }) => {
      const servers = await Promise.all([startUpstream({ runMs: 5 }), startUpstream({ runMs: 5 })]);
      onTestFinished(async () => {
        for (const each of servers) await each.close();
      });
      const endpoints = servers.flatMap(({ url }) => ['--endpoint', url]);
      const gateway = await limited(files, ['gateway', '--listen', '127.0.0.1:0', ...endpoints]);
      expect(await callers(gateway.url, count, 'print("x")')).toEqual({ 200: count });
      const lines = gateway.stderr().split('\n');
      expect(lines.filter((line) => line.includes('out of rotation'))).toEqual([]);
      expect(lines.filter((line) => line.includes(`may have ${files} files open`))).toHaveLength(1);
      // It accepts again, and can be stopped.
      expect(await callers(gateway.url, 1, 'print("x")')).toEqual({ 200: 1 });
      expect((await gateway.stop()).code).toBe(0);
    },
  );

test('a gateway with 256 descriptors answers 400 clients at once', async () => {
  const server = await limited(256, ['serve', '--listen', '127.0.0.1:0', '--isolation', 'none']);
  expect(await callers(server.url, 400, ':')).toEqual({ 200: 400 });
  expect(server.stderr().match(/may have 256 files open/g)).toHaveLength(1);
  expect((await server.stop()).code).toBe(0);
});
