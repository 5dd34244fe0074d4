import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { plainRuns } from '../../src/bench/methods/http.js';
import type { Problem } from '../../src/bench/problem.js';

const problem: Problem = {
  ...{ id: 'one', line: null, language: 'python', code: 'print(1)', cases: [] },
  ...{ runTimeout: 1, memoryLimitMB: null, label: null },
};
const CASE = { stdin: null, expected: '1' };

/** Answers every program alike, the health check too. */
async function serverThat(run: { status: string; return_code: number; stdout: string }) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    request.resume();
    const status = run.return_code === 0 ? 'Success' : 'Failed';
    const answer = {
      status,
      message: '',
      compile_result: null,
      run_result: { execution_time: 0, stderr: '', ...run },
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked: () => asked, close: () => server.close() };
}

test('a failure at a server whose health check fails afterwards is no verdict; what passed stays', async () => {
  const bad = await serverThat({ status: 'Finished', return_code: 1, stdout: '' });
  const good = await serverThat({ status: 'Finished', return_code: 0, stdout: '1\n' });
  const method = plainRuns([bad.url, good.url], null);
  try {
    const { signal } = new AbortController();
    const runs = [await method.run(problem, CASE, signal), await method.run(problem, CASE, signal)];
    expect(runs.map(({ verdict }) => verdict)).toEqual(['failed', 'accepted']);
    expect([bad.asked(), good.asked()]).toEqual([1, 1]);
    const settled = await method.settle(runs.map((run, at) => ({ ...run, problem: at, testCase: 0, ms: 1 })));
    expect(settled.map(({ verdict }) => verdict)).toEqual(['sandbox failure', 'accepted']);
    expect(settled[0]?.detail).toContain('is not healthy: ');
    // Only where something failed is a health check of use.
    expect([bad.asked(), good.asked()]).toEqual([2, 1]);
  } finally {
    await method.close();
    bad.close();
    good.close();
  }
});
