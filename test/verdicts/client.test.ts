import type { ServerResponse } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { SandboxClient, SandboxInfraError, SandboxRequestError } from '../../src/client/index.js';
import { answering, finished } from '../client/servers.js';
import { parts, SENT } from './answers.js';

type Sent = (typeof SENT)[number]['answer'];

const open: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const each of open.reverse()) await each.close();
});

const send = (response: ServerResponse, { status, headers, text }: Sent) =>
  void response.writeHead(status, headers).end(text);

/** What the client makes of an answer of the first server, while the second one answers rightly. */
async function outcome(answer: Sent, isHealthy: boolean): Promise<string> {
  const one = await answering(
    (response) => send(response, answer),
    (response, right) => void response.end(isHealthy ? right : finished('')),
  );
  const well = await answering((response) => void response.end(finished('right')));
  let asked = 0;
  const client = new SandboxClient({
    endpoints: async () => (asked++ === 0 ? [one.url] : [one.url, well.url]),
  });
  open.push(one, well, client);
  try {
    // A timeout is believed that comes at once.
    const request = { code: 'print(1)', language: 'python', compile_timeout: 0, run_timeout: 0 };
    const { response } = await client.run(request);
    return JSON.stringify(response) === JSON.stringify(JSON.parse(finished('right'))) ? 'right' : 'passed on';
  } catch (error) {
    if (error instanceof SandboxRequestError) return 'request';
    throw error;
  }
}

for (const { rows, tags } of parts(SENT))
  test.each(rows)('from a healthy server: $name', { tags }, async ({ answer, verdict, needs }) => {
    const elsewhere =
      verdict === 'infra' || verdict === 'load' || needs.includes('second') || needs.includes('agreement');
    expect(await outcome(answer, true)).toBe(
      elsewhere ? 'right' : verdict === 'request' ? 'request' : 'passed on',
    );
  });

for (const { rows, tags } of parts(
  SENT.filter(({ verdict, needs }) => verdict === 'program' && needs.includes('check')),
))
  test.each(rows)('from a server that fails its health check: $name', { tags }, async ({ answer }) => {
    expect(await outcome(answer, false)).toBe('right');
  });

for (const { rows, tags } of parts(SENT.filter(({ needs }) => needs.includes('agreement'))))
  test.each(rows)('from two healthy servers: $name', { tags }, async ({ answer }) => {
    const servers = await Promise.all([0, 1].map(() => answering((response) => send(response, answer))));
    const client = new SandboxClient({ endpoints: servers.map(({ url }) => url) });
    open.push(...servers, client);
    const run = client.run({ code: 'print(1)', language: 'python' });
    await expect(run).rejects.toThrow(SandboxRequestError);
    await expect(run).rejects.not.toThrow(SandboxInfraError);
    expect(servers.reduce((sum, { requests }) => sum + requests.length, 0)).toBe(2);
  });
