import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { finished } from '../client/servers.js';
import { gatewayFor, type Started } from './start.js';
import { type Upstream, upstream } from './upstream.js';

/** As the SDK sends it: tests come with it, so that it needs no data set. */
const SUBMISSION = {
  dataset: 'x',
  id: 0,
  completion: '```python\nprint(int(input())*2)\n```',
  config: {
    dataset_type: 'CommonOJDataset',
    language: 'python',
    run_timeout: 1,
    provided_data: {
      id: 0,
      content: '',
      labels: {},
      test: [{ input: { stdin: '4' }, output: { stdout: '8' } }],
    },
  },
};

const evaluated = (run: string, accepted: boolean) =>
  JSON.stringify({
    ...{ id: 0, accepted, extracted_code: 'print(int(input())*2)', full_code: null, test_code: null },
    tests: [{ passed: accepted, exec_info: JSON.parse(run), test_info: {} }],
    ...{ extracted_type: null, extra: null },
  });
const RIGHT = evaluated(finished('8\n'), true);

async function server(...words: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...words);
  onTestFinished(() => made.close());
  return made;
}

const submit = (gateway: Started, body: object = SUBMISSION, headers = {}) =>
  fetch(`${gateway.url}/submit`, { method: 'POST', headers, body: JSON.stringify(body) });

/** Three submissions, of which the server that is listed first gets at least one, beside one that is well. */
async function besideOneThatIsWell(
  answer: (response: ServerResponse) => void,
  canary?: Parameters<typeof upstream>[1],
): Promise<{ bad: Upstream; texts: string[] }> {
  const bad = await server(({ response }) => answer(response), canary);
  const well = await server(({ response }) => void response.end(RIGHT));
  const gateway = await gatewayFor([bad.url, well.url], { canaryEvery: 60 });
  await expect
    .poll(async () => (await gateway.snapshot()).endpoints.map(({ state }) => state))
    .toEqual(['in', 'in']);
  const texts: string[] = [];
  const headers = { 'x-sandboxctl-patience': '60' };
  for (let turn = 0; turn < 3; turn += 1)
    texts.push(await (await submit(gateway, SUBMISSION, headers)).text());
  return { bad, texts };
}

test.each<[string, (response: ServerResponse) => void]>([
  ['answers 500', (response) => void response.writeHead(500).end('oh')],
  ['resets the connection', (response) => void response.socket?.resetAndDestroy()],
  ['answers no JSON', (response) => void response.end('<html>')],
  ['never answers', () => undefined],
  ['fails the test', (response) => void response.end(evaluated(finished('', { return_code: 1 }), false))],
  ['loses the output', (response) => void response.end(evaluated(finished(''), false))],
])('a submission is judged by another server where one %s', async (_, answer) => {
  const { bad, texts } = await besideOneThatIsWell(answer);
  expect(texts).toEqual([RIGHT, RIGHT, RIGHT]);
  expect(bad.runs).toBeGreaterThan(0);
});

test('a failed test of a /submit is passed on once its server has passed a health check, and the submission ran once', async () => {
  const failed = evaluated(finished('9\n'), false);
  const one = await server(({ response, index }) => void response.end(index === 0 ? RIGHT : failed));
  const gateway = await gatewayFor([one.url], { canaryEvery: 60 });
  await submit(gateway);
  const before = one.canaries;
  expect(await (await submit(gateway)).text()).toBe(failed);
  expect([one.runs, one.canaries]).toEqual([2, before + 1]);
});

test('the gateway passes on the message of a refused /submit, and forwards other data sets unchecked', async () => {
  const one = await server(({ response, run }) => {
    void run;
    response.writeHead(400, { 'x-sandboxctl-request-error': 'no' }).end('{"detail":"no"}');
  });
  const gateway = await gatewayFor([one.url], { canaryEvery: 60 });
  const answer = await submit(gateway);
  expect([answer.status, await answer.json()]).toEqual([400, { detail: 'no' }]);
  const other = await submit(gateway, { dataset: 'mbpp', id: 1, completion: '', config: {} });
  expect([other.status, other.headers.get('x-sandboxctl-verified')]).toEqual([400, null]);
  expect(one.runs).toBe(2);
});
